-- Does what is due: leases and reconnect windows that are over, lost workers to forget. Any replica may run it, several times
-- a second; what is done is popped, so two sweepers are harmless. Answers {1 when there is more to do, Redis's clock}.
local swept = cluster('swept')
set_cluster({swept = now})
notice_loss(a.floor or 0)

-- Nobody swept for a while: control plane or registry were away, and nobody could renew or come back. Everybody gets that time.
local away = now - swept
if swept > 0 and away > a.away_ms then
  for _, worker in ipairs(call('ZRANGE', WORKERS, 0, -1)) do
    call('ZADD', WORKERS, now + a.lease_ms, worker)
  end
  local windows = call('ZRANGE', WINDOWS, 0, -1, 'WITHSCORES')
  for i = 1, #windows, 2 do
    local deadline = text(tonumber(windows[i + 1]) + away)
    call('ZADD', WINDOWS, deadline, windows[i])
    if call('EXISTS', stream_key(windows[i])) == 1 then
      call('HSET', stream_key(windows[i]), 'deadline', deadline)
    end
  end
  event('outage', 'away_ms', text(away))
  return {0, text(clock)}
end

local budget = a.budget
for _, worker in ipairs(call('ZRANGEBYSCORE', WORKERS, '-inf', now, 'LIMIT', 0, 16)) do
  for _, id in ipairs(call('SMEMBERS', held_key(worker))) do
    if budget <= 0 then return {1, text(clock)} end
    budget = budget - 1
    local s = read('stream', id)
    if s == nil or s.worker ~= worker then
      call('SREM', held_key(worker), id)
    elseif s.status == 'RECONNECTING' then
      free_cluster_place(s)
      free_worker_place(id, s)
      s.reason = 'WORKER_LOST'
      write(stream_key(id), s)
    else
      lose(id, s, 'WORKER_LOST')
    end
  end
  free_pulls_of(worker)
  call('ZREM', WORKERS, worker)
  if worker_record(worker) then
    set_worker(worker, {lost = '1', streams = 0, kbps = 0})
    call('ZADD', LOST, now + a.forget_ms, worker)
    event('worker', 'worker', worker, 'status', 'LOST')
  end
end

for _, id in ipairs(call('ZRANGEBYSCORE', WINDOWS, '-inf', now, 'LIMIT', 0, budget)) do
  budget = budget - 1
  local s = read('stream', id)
  if s ~= nil and s.status == 'RECONNECTING' then
    if s.worker ~= '' then fence_off(id, s, 'WINDOW_OVER') end
    move(id, s, 'STOPPED', 'WINDOW_OVER')
  else
    call('ZREM', WINDOWS, id)
  end
end

for _, worker in ipairs(call('ZRANGEBYSCORE', GRANTS, '-inf', now, 'LIMIT', 0, 64)) do
  local w = worker_record(worker)
  if w ~= nil then set_grant(worker, w, 0) else call('ZREM', GRANTS, worker) end
end

for _, worker in ipairs(call('ZRANGEBYSCORE', LOST, '-inf', now, 'LIMIT', 0, 16)) do
  local w = worker_record(worker)
  if w ~= nil then set_grant(worker, w, 0) end
  call('ZREM', LOST, worker)
  call('DEL', worker_key(worker), held_key(worker), placements_key(worker), pulls_key(worker))
  forget_worker(worker)
end
-- Sources that nobody dials go to the worker that holds the stream, or to the least loaded one.
for _, id in ipairs(call('ZRANGEBYSCORE', FREE_PULLS, '-inf', now, 'LIMIT', 0, 16)) do
  local s = read('stream', id)
  local holder = s ~= nil and s.status ~= 'STOPPED' and s.worker ~= '' and s.worker or nil
  if holder and not takes(holder, worker_record(holder)) then holder = nil end
  local worker = holder or least_loaded()
  if worker then assign_pull(id, worker) else call('ZADD', FREE_PULLS, now + 1000, id) end
end

-- Who reads events has no script that would set them aside.
call('XLEN', EVENTS)

-- A key was set aside: what it counted or listed is made again from the others.
if cluster('recount') == 1 then
  local ids, held, granted = {}, {}, 0
  for _, index in ipairs({ACTIVE, WINDOWS}) do
    for _, id in ipairs(call('ZRANGE', index, 0, -1)) do ids[id] = true end
  end
  for _, worker in ipairs(call('ZRANGE', WORKERS, 0, -1)) do
    held[worker] = {streams = 0, kbps = 0}
    for _, id in ipairs(call('SMEMBERS', held_key(worker))) do ids[id] = true end
    call('DEL', held_key(worker))
    for _, id in ipairs(call('SMEMBERS', pulls_key(worker))) do call('HSETNX', PULLS, id, worker) end
    local promised = tonumber((worker_record(worker) or {}).grant or '0')
    granted = granted + promised
    if promised > 0 and not call('ZSCORE', GRANTS, worker) then call('ZADD', GRANTS, now + a.grant_ms + 5000, worker) end
  end

  local sums = {streams = 0, kbps = 0}
  for id in pairs(ids) do
    local s = read('stream', id)
    if s == nil or s.status == 'STOPPED' then
      call('ZREM', ACTIVE, id)
      call('ZREM', WINDOWS, id)
    else
      call('ZADD', ACTIVE, 0, id)
      if s.status == 'RECONNECTING' then call('ZADD', WINDOWS, s.deadline, id) else call('ZREM', WINDOWS, id) end
      if s.place == '1' then sums.streams, sums.kbps = sums.streams + 1, sums.kbps + tonumber(s.kbps) end
      if s.worker ~= '' then
        -- A worker of whom nothing is known any more is lost unless it says a word.
        if held[s.worker] == nil then
          held[s.worker] = {streams = 0, kbps = 0}
          call('ZADD', WORKERS, now + a.lease_ms, s.worker)
        end
        local h = held[s.worker]
        h.streams, h.kbps = h.streams + 1, h.kbps + tonumber(s.kbps)
        call('SADD', held_key(s.worker), id)
      end
    end
  end
  set_cluster({streams = sums.streams, kbps = sums.kbps, granted = granted, recount = '0'})
  count(0, 0, 0)
  for worker, h in pairs(held) do
    set_worker(worker, h)
  end

  for _, id in ipairs(call('ZRANGE', DEFINITIONS, 0, -1)) do
    local d = read('definition', id)
    if d ~= nil and d.pull == '1' and not call('HGET', PULLS, id) then free_pull(id, now + a.lease_ms) end
  end
  local pulls = call('HGETALL', PULLS)
  for i = 1, #pulls, 2 do
    if pulls[i + 1] ~= '' then
      call('SADD', pulls_key(pulls[i + 1]), pulls[i])
    elseif not call('ZSCORE', FREE_PULLS, pulls[i]) then
      call('ZADD', FREE_PULLS, now, pulls[i])
    end
  end
end
return {budget <= 0 and 1 or 0, text(clock)}
