-- Chooses the worker for a publisher: the one that holds the stream if it waits there, otherwise the least loaded live one,
-- counting what was placed there and has not shown up yet. Answers {'ok', worker, addresses} or {reason, detail}.
local function takes(id, w)
  if w == nil or w.draining == '1' or w.drain == '1' or w.lost == '1' then return false end
  local lease = tonumber(redis.call('ZSCORE', WORKERS, id) or '0')
  return lease - now > a.lease_ms / 2
end
local function place(id, w)
  redis.call('ZADD', placements_key(id), now + a.token_ms, a.token)
  return {'ok', id, w.addresses}
end

local d = read(definition_key(a.id), 'version')
if d == nil and a.defined_only then return {'NOT_DEFINED', 'only defined streams are taken'} end
if d ~= nil and d.disabled == '1' then return {'DISABLED', 'the stream is disabled'} end
local s = read(stream_key(a.id), 'epoch')
local waits = s ~= nil and s.status == 'RECONNECTING'
if waits and s.worker ~= '' then
  local w = read(worker_key(s.worker), 'epoch')
  if takes(s.worker, w) then return place(s.worker, w) end
end

local best, best_w, best_load
local room_anywhere = false
for _, id in ipairs(redis.call('ZRANGE', WORKERS, 0, -1)) do
  local w = read(worker_key(id), 'epoch')
  if takes(id, w) then
    redis.call('ZREMRANGEBYSCORE', placements_key(id), '-inf', now)
    local placed = redis.call('ZCARD', placements_key(id))
    local held, max = tonumber(w.streams) + placed, tonumber(w.max_streams)
    local full = held >= max or (tonumber(w.max_kbps) > 0 and tonumber(w.kbps) + placed * a.default_kbps >= tonumber(w.max_kbps))
    local load = held / math.max(1, max)
    if tonumber(w.max_kbps) > 0 then
      load = math.max(load, (tonumber(w.kbps) + placed * a.default_kbps) / tonumber(w.max_kbps))
    end
    if not full and (best == nil or load < best_load) then best, best_w, best_load = id, w, load end
    if taken(w) < a.max_streams then room_anywhere = true end
  end
end
if best == nil then return {'CAPACITY', 'no live worker has room'} end
if not room_anywhere and not (waits and s.place == '1') then
  return {'CAPACITY', 'all ' .. text(a.max_streams) .. ' streams of the cluster are taken'}
end
return place(best, best_w)
