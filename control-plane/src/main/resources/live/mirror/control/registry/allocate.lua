-- Chooses the worker for a publisher: the one that holds the stream if it waits there, otherwise the least loaded live one,
-- counting what was placed there and has not shown up yet. Answers {'ok', worker, addresses} or {reason, detail}.
local function place(id, w)
  call('ZADD', placements_key(id), now + a.token_ms, a.token)
  return {'ok', id, w.addresses}
end

local d = read('definition', a.id)
if d == nil and a.defined_only then return {'NOT_DEFINED', 'only defined streams are taken'} end
if d ~= nil and d.pull == '1' then return {'FORBIDDEN', 'the stream is pulled from a source'} end
if d ~= nil and d.disabled == '1' then return {'DISABLED', 'the stream is disabled'} end
local s = read('stream', a.id)
local waits = s ~= nil and s.status == 'RECONNECTING'
if waits and s.worker ~= '' then
  local w = worker_record(s.worker)
  if takes(s.worker, w) then return place(s.worker, w) end
end

local best, best_w, room_anywhere = least_loaded()
if best == nil then return {'CAPACITY', 'no live worker has room'} end
if not room_anywhere and not (waits and s.place == '1') then
  return {'CAPACITY', 'all ' .. text(a.max_streams) .. ' streams of the cluster are taken'}
end
return place(best, best_w)
