-- Stands behind common.lua, before every script: fences, places, what becomes of a stream, and which worker gets what.

-- The next fence: above all that were given, above what a caller has seen, and above the clock, so that it does not go back
-- even when Redis lost its last second.
local function next_fence(seen)
  local given = math.max(cluster('epoch'), seen or 0, a.floor or 0)
  local fence = math.max((math.floor(given / 16) + 1) * 16, now * 16)
  set_cluster({epoch = fence})
  return fence
end

local function raise_fence(seen)
  if seen > cluster('epoch') then set_cluster({epoch = seen}) end
end

-- Fences that somebody has seen and the registry does not know: it lost data, all of them or the last second. What runs may be
-- unknown to it then; so nobody is let in before no worker has come to say what it holds for a third of a lease. (A fence that
-- is not a multiple of 16 is a worker's own.)
local function await_workers() set_cluster({rebuilt = now + math.floor(a.lease_ms / 3)}) end

local function notice_loss(seen)
  if math.floor(seen / 16) > math.floor(cluster('epoch') / 16) then
    set_cluster({epoch = seen})
    await_workers()
    event('outage', 'lost_data', '1')
  end
end

-- What is left in the cluster beside what is promised to workers, in streams and kbps, and whether a new stream has no room.
local function cluster_left()
  local granted = cluster('granted')
  local streams = math.max(0, a.max_streams - cluster('streams') - granted)
  local kbps = a.max_kbps > 0 and math.max(0, a.max_kbps - cluster('kbps') - granted * a.default_kbps) or 0
  return streams, kbps, streams == 0 or (a.max_kbps > 0 and kbps == 0)
end

-- Every change of the cluster's places. Gates refuse in the handshake by what they were told last, so they are told at once
-- when the cluster gets full and when it has room again.
local function count(streams, kbps, granted)
  if streams ~= 0 or kbps ~= 0 then
    set_cluster({streams = cluster('streams') + streams, kbps = cluster('kbps') + kbps})
  end
  if granted ~= 0 then set_cluster({granted = cluster('granted') + granted}) end
  local left, left_kbps, full = cluster_left()
  if full ~= (cluster('full') == 1) then
    set_cluster({full = full and '1' or '0'})
    event('room', 'streams', text(left), 'kbps', text(left_kbps), 'limited', a.max_kbps > 0 and '1' or '0')
  end
end

-- Places: one of the cluster for each stream that may come back or is here, one of the worker that holds it.
local function take_cluster_place(s)
  if s.place ~= '1' then
    s.place = '1'
    count(1, tonumber(s.kbps), 0)
  end
end

local function free_cluster_place(s)
  if s.place == '1' then
    s.place = '0'
    count(-1, -tonumber(s.kbps), 0)
  end
end

local function add_to_worker(id, streams, kbps)
  local w = worker_record(id)
  if w then set_worker(id, {streams = tonumber(w.streams or '0') + streams, kbps = tonumber(w.kbps or '0') + kbps}) end
end

local function take_worker_place(id, s, worker_id)
  s.worker = worker_id
  if call('SADD', held_key(worker_id), id) == 1 then add_to_worker(worker_id, 1, tonumber(s.kbps)) end
end

local function free_worker_place(id, s)
  if s.worker == '' then return end
  if call('SREM', held_key(s.worker), id) == 1 then add_to_worker(s.worker, -1, -tonumber(s.kbps)) end
  s.last_worker = s.worker
  s.worker = ''
end

-- Moves a stream and writes it; the caller has changed the other fields of s before.
local function move(id, s, status, reason)
  if not TRANSITIONS[s.status][status] then
    error('stream ' .. id .. ' can not go from ' .. s.status .. ' to ' .. status)
  end
  local before = s.status
  s.status, s.reason, s.changed = status, reason, text(now)
  if status == 'STOPPED' then
    free_cluster_place(s)
    free_worker_place(id, s)
    call('ZREM', ACTIVE, id)
  else
    call('ZADD', ACTIVE, 0, id)
  end
  if status == 'RECONNECTING' then
    call('ZADD', WINDOWS, s.deadline, id)
  else
    if (s.deadline or '0') ~= '0' then call('ZREM', WINDOWS, id) end
    s.deadline = '0'
  end
  local is_new = as_read[s] == nil
  write(stream_key(id), s)
  if status == 'STOPPED' then
    call('PEXPIRE', stream_key(id), a.keep_stopped_ms or 3600000)
  elseif before == 'STOPPED' and not is_new then
    call('PERSIST', stream_key(id))
  end
  event('stream', 'id', id, 'status', status, 'epoch', s.epoch, 'reason', reason,
    'worker', status == 'STOPPED' and s.last_worker or s.worker, 'protocol', s.protocol)
  timeline(id, {status = status, epoch = s.epoch, reason = reason, figures = s.figures,
    worker = s.worker ~= '' and s.worker or s.last_worker})
end

-- Something to look at, that changes no status.
local function alarm(id, s, reason, detail)
  event('alarm', 'id', id, 'epoch', s.epoch, 'worker', s.worker, 'reason', reason, 'detail', detail)
  timeline(id, {epoch = s.epoch, worker = s.worker, reason = reason, detail = detail})
end

-- The publisher is gone: the window opens, or the stream stops where there is none. With its worker lost too, its places are
-- free at once and whoever comes back needs new ones.
local function lose(id, s, reason)
  local window = tonumber(s.window) or 0
  if window <= 0 then
    move(id, s, 'STOPPED', reason)
    return
  end
  if reason == 'WORKER_LOST' then
    free_cluster_place(s)
    free_worker_place(id, s)
  end
  s.deadline = text(now + window)
  move(id, s, 'RECONNECTING', reason)
end

-- Where a worker can be reached, as it told; empty for none.
local function addresses(id)
  local w = id and worker_record(id)
  return w and w.addresses or ''
end

-- Takes a stream away from the worker that holds it, and tells that worker, with the one that has it now.
local function fence_off(id, s, reason, moved_to)
  event('fenced', 'id', id, 'epoch', s.epoch, 'worker', s.worker, 'reason', reason, 'moved_to', addresses(moved_to))
  free_worker_place(id, s)
end

-- The worker other than the caller that holds a stream, or nil.
local function elsewhere(s)
  return s ~= nil and s.status ~= 'STOPPED' and s.worker ~= '' and s.worker ~= a.worker and s.worker or nil
end

-- Adds to the list of what the caller holds no more: id, epoch, reason, and the addresses of the worker that has it now.
local function add_fenced(list, id, epoch, reason, moved_to)
  list[#list + 1] = id
  list[#list + 1] = text(epoch)
  list[#list + 1] = reason
  list[#list + 1] = addresses(moved_to)
end

-- The worker that calls, or nil and why not. A worker whose lease is over has to register again.
local function caller()
  local w = worker_record(a.worker)
  if w == nil then return nil, 'NOT_FOUND', 'this worker is not registered' end
  if tonumber(w.epoch) ~= a.worker_epoch then
    return nil, 'FENCED', 'a newer process has this worker id'
  end
  local lease = call('ZSCORE', WORKERS, a.worker)
  if not lease then return nil, 'NOT_FOUND', 'the lease of this worker is over' end
  return w
end

-- Places that are taken or promised, without what is promised to this worker, which takes from that first.
local function taken(w) return cluster('streams') + cluster('granted') - tonumber(w.grant or '0') end
local function taken_kbps(w)
  return cluster('kbps') + (cluster('granted') - tonumber(w.grant or '0')) * a.default_kbps
end

-- What is left for new streams at a worker: streams, kbps, 1 where the bitrate is limited at all, and, where nothing is left,
-- who may return all the same because it kept its places.
local function room(w)
  local streams = math.min(a.max_streams - taken(w), tonumber(w.max_streams) - tonumber(w.streams))
  local kbps, limited = 0, '0'
  if a.max_kbps > 0 then kbps, limited = a.max_kbps - taken_kbps(w), '1' end
  local max = tonumber(w.max_kbps)
  if max > 0 then
    local own = max - tonumber(w.kbps)
    kbps = limited == '1' and math.min(kbps, own) or own
    limited = '1'
  end
  local full = streams <= 0 or (limited == '1' and kbps <= 0)
  local returning = full and call('ZRANGE', WINDOWS, 0, 999) or {}
  return {text(math.max(0, streams)), text(math.max(0, kbps)), limited, returning}
end

local function set_grant(id, w, streams)
  local before = tonumber(w.grant or '0')
  count(0, 0, streams - before)
  if streams == 0 and before == 0 then return end
  set_worker(id, {grant = streams})
  if streams > 0 then call('ZADD', GRANTS, now + a.grant_ms + 5000, id) else call('ZREM', GRANTS, id) end
end

-- Promises a worker a share of what is free: a tenth, divided by the workers. The promise only shrinks once the worker has
-- said that it knows. Answers {streams, valid ms, first epoch}.
local function grant(id, w, believed)
  local left = room(w)
  local free = tonumber(left[1])
  if left[3] == '1' then free = math.min(free, math.floor(tonumber(left[2]) / a.default_kbps)) end
  local share = math.floor(free / 10 / math.max(1, call('ZCARD', WORKERS)))
  if a.grant_ms == 0 or w.draining == '1' or w.drain == '1' then share = 0 end
  set_grant(id, w, math.max(share, math.min(believed, tonumber(w.grant or '0'))))
  if now - tonumber(w.fences_at or '0') > 90000 then
    local first = next_fence(0)
    set_cluster({epoch = first + 1024})
    set_worker(id, {fences = first, fences_at = now})
  end
  return {text(share), text(a.grant_ms), w.fences}
end

-- Whether a worker takes new streams: not when it drains or has been silent for half of its lease.
local function takes(id, w)
  if w == nil or w.draining == '1' or w.drain == '1' or w.lost == '1' then return false end
  local lease = tonumber(call('ZSCORE', WORKERS, id) or '0')
  return lease - now > a.lease_ms / 2
end

-- The least loaded worker with room, counting what was placed there and has not shown up yet: id, record, and whether the
-- cluster has room as any worker sees it.
local function least_loaded()
  local best, best_w, best_load
  local room_anywhere = false
  for _, id in ipairs(call('ZRANGE', WORKERS, 0, -1)) do
    local w = worker_record(id)
    if takes(id, w) then
      call('ZREMRANGEBYSCORE', placements_key(id), '-inf', now)
      local placed = call('ZCARD', placements_key(id))
      local held, max = tonumber(w.streams) + placed, tonumber(w.max_streams)
      local kbps, max_kbps = tonumber(w.kbps) + placed * a.default_kbps, tonumber(w.max_kbps)
      local full = held >= max or (max_kbps > 0 and kbps >= max_kbps)
      local load = held / math.max(1, max)
      if max_kbps > 0 then load = math.max(load, kbps / max_kbps) end
      if not full and (best == nil or load < best_load) then best, best_w, best_load = id, w, load end
      if taken(w) < a.max_streams then room_anywhere = true end
    end
  end
  return best, best_w, room_anywhere
end

-- Sources that are dialled: each is one worker's at a time, so that nobody is called twice.
local function pulls_changed(id)
  set_cluster({pulls = cluster('pulls') + 1})
  set_worker(id, {pulls = cluster('pulls')})
  event('pulls', 'worker', id)
end

local function take_pull(id)
  local puller = call('HGET', PULLS, id)
  call('ZREM', FREE_PULLS, id)
  if puller and puller ~= '' then
    call('SREM', pulls_key(puller), id)
    call('ZREM', placements_key(puller), 'pull ' .. id)
    pulls_changed(puller)
  end
end

local function free_pull(id, from)
  take_pull(id)
  call('HSET', PULLS, id, '')
  call('ZADD', FREE_PULLS, from, id)
end

local function assign_pull(id, puller)
  take_pull(id)
  call('HSET', PULLS, id, puller)
  call('SADD', pulls_key(puller), id)
  call('ZADD', placements_key(puller), now + 30000, 'pull ' .. id)
  pulls_changed(puller)
end

-- A worker dials no more: somebody else does, as soon as the sweeper finds one.
local function free_pulls_of(puller)
  local ids = call('SMEMBERS', pulls_key(puller))
  if #ids == 0 then return end
  for _, id in ipairs(ids) do
    call('HSET', PULLS, id, '')
    call('ZADD', FREE_PULLS, now, id)
    call('ZREM', placements_key(puller), 'pull ' .. id)
  end
  call('DEL', pulls_key(puller))
  pulls_changed(puller)
end

-- What a worker dials, unless it has the latest: {version, ids}, or {}.
local function pulls_since(id, w, version)
  if (w.pulls or '0') == text(version) then return {} end
  return {w.pulls or '0', call('SMEMBERS', pulls_key(id))}
end
