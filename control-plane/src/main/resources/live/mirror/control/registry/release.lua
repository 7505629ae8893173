-- A session has ended: the window opens for PUBLISHER_LOST and for DRAINING, where the publisher is to come back at another
-- worker; every other reason stops the stream. Of an older epoch, or twice,
-- it changes nothing. Answers {'ok', status, window left, room} or {reason, detail}.
local w, reason, detail = caller()
if w == nil then return {reason, detail} end

local s = read('stream', a.id)
if s ~= nil and tonumber(s.epoch) == a.epoch and s.worker == a.worker and s.status ~= 'STOPPED' then
  s.figures = a.figures
  if a.reason ~= 'PUBLISHER_LOST' and a.reason ~= 'DRAINING' then
    move(a.id, s, 'STOPPED', a.reason)
  elseif s.status ~= 'RECONNECTING' then
    lose(a.id, s, a.reason)
  end
end
local left = 0
if s ~= nil and s.status == 'RECONNECTING' then left = math.max(0, tonumber(s.deadline) - now) end
return {'ok', s ~= nil and s.status or 'STOPPED', text(left), room(w)}
