-- Renews a worker's lease and writes down what changed at it. Answers {'ok', room, fenced} or {reason, detail}. With
-- a.all, the streams named are all that the worker holds, and what the registry has more of is settled.
local w, reason, detail = caller()
if w == nil then return {reason, detail} end

redis.call('ZADD', WORKERS, now + a.lease_ms, a.worker)
local draining = a.draining and '1' or '0'
if w.draining ~= draining then
  redis.call('HSET', worker_key(a.worker), 'draining', draining)
  event('worker', {worker = a.worker, epoch = w.epoch, status = 'LIVE'})
end

local fenced, named = {}, {}
for _, r in ipairs(a.streams) do
  named[r.id] = true
  local s = read(stream_key(r.id), 'epoch')
  if s ~= nil and s.worker == a.worker and tonumber(s.epoch) > r.epoch and now - tonumber(s.changed) < 3000 then
    -- The worker made this report before it heard that its newer claim was admitted.
    named[r.id] = true
  elseif s == nil or s.worker ~= a.worker or tonumber(s.epoch) ~= r.epoch then
    fenced[#fenced + 1] = r.id
    fenced[#fenced + 1] = text(r.epoch)
    fenced[#fenced + 1] = s == nil and 'NOT_FOUND' or (s.status == 'STOPPED' and s.reason or 'FENCED')
  elseif r.status == 'ACTIVE' and s.status == 'CONNECTING' then
    move(r.id, s, 'ACTIVE', '')
  elseif r.status == 'RECONNECTING' and (s.status == 'CONNECTING' or s.status == 'ACTIVE') then
    lose(r.id, s, 'PUBLISHER_LOST')
  elseif r.status == 'STOPPED' then
    move(r.id, s, 'STOPPED', 'PUBLISHER_LOST')
  end
end

if a.all then
  for _, id in ipairs(redis.call('SMEMBERS', held_key(a.worker))) do
    if not named[id] then
      local s = read(stream_key(id), 'epoch')
      if s == nil or s.worker ~= a.worker then
        redis.call('SREM', held_key(a.worker), id)
        redis.call('HSET', CLUSTER, 'recount', '1')
      elseif s.status ~= 'RECONNECTING' and now - tonumber(s.changed) > 3000 then
        lose(id, s, 'PUBLISHER_LOST')
      end
    end
  end
end
return {'ok', room(read(worker_key(a.worker), 'epoch')), fenced}
