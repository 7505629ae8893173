-- Renews workers' leases and writes down what changed at each of them. Answers for each {'ok', room, fenced, grant, pulls} or
-- {reason, detail}. With a.all, the streams named are all that the worker holds, and what the registry has more of is settled.

-- The measured bitrate takes the place of the declared one: down to what was declared, up as far as there is room. What goes
-- beyond is told, and ends the session where the definition says so. Answers whether it did.
local function measured(w, id, s, kbps)
  local declared, reserved = tonumber(s.declared or '0'), tonumber(s.kbps)
  local want = declared > 0 and math.max(declared, kbps) or math.max(100, math.ceil(kbps * 1.1))
  local more = want - reserved
  local over = declared > 0 and kbps > declared * 1.2
  if more > 0 then
    local left = room(w)
    if left[3] == '1' and more > tonumber(left[2]) then
      more, over = tonumber(left[2]), true
    end
  end
  if over and s.over ~= '1' then
    alarm(id, s, 'CAPACITY', 'sends ' .. text(kbps) .. ' kb/s, reserved are ' .. text(declared > 0 and declared or reserved))
  end
  s.over = over and '1' or '0'
  if over and call('HGET', definition_key(id), 'end_on_overshoot') == '1' then
    fence_off(id, s, 'CAPACITY')
    move(id, s, 'STOPPED', 'CAPACITY')
    return true
  end
  if more ~= 0 then
    s.kbps = text(reserved + more)
    add_to_worker(a.worker, 0, more)
    if s.place == '1' then count(0, more, 0) end
  end
  return false
end

local function report()
  local w, reason, detail = caller()
  if w == nil then return {reason, detail} end

  call('ZADD', WORKERS, now + a.lease_ms, a.worker)
  local draining = a.draining and '1' or '0'
  if w.draining ~= draining then
    set_worker(a.worker, {draining = draining})
    if a.draining then free_pulls_of(a.worker) end
    event('worker', 'worker', a.worker, 'epoch', w.epoch, 'status', 'LIVE')
  end

  if w.replica ~= a.replica then set_worker(a.worker, {replica = a.replica}) end
  for _, r in ipairs(a.refusals) do
    r.worker = a.worker
    refusal(r)
  end

  local fenced, named = {}, {}
  -- Of most streams there is nothing new but that they are still there: one look at their owner instead of the whole record.
  for i = 1, #a.unchanged, 2 do
    local id, epoch = a.unchanged[i], a.unchanged[i + 1]
    named[id] = true
    local owner = call('HMGET', stream_key(id), 'epoch', 'worker')
    if tonumber(owner[1]) ~= epoch or owner[2] ~= a.worker then
      a.streams[#a.streams + 1] = {id = id, epoch = epoch, status = '', silent_ms = 0, kbps = 0}
    end
  end
  for _, r in ipairs(a.streams) do
    named[r.id] = true
    local s = read('stream', r.id)
    if s ~= nil and s.worker == a.worker and tonumber(s.epoch) > r.epoch and now - tonumber(s.changed) < 3000 then
      -- The worker made this report before it heard that its newer claim was admitted.
    elseif s == nil or s.worker ~= a.worker or tonumber(s.epoch) ~= r.epoch then
      local other = elsewhere(s)
      add_fenced(fenced, r.id, r.epoch,
        s == nil and 'NOT_FOUND' or s.status == 'STOPPED' and s.reason or other and 'MOVED' or 'FENCED', other)
    elseif r.status == 'ACTIVE' and s.status == 'CONNECTING' then
      move(r.id, s, 'ACTIVE', '')
    elseif r.status == 'RECONNECTING' and (s.status == 'CONNECTING' or s.status == 'ACTIVE') then
      lose(r.id, s, 'PUBLISHER_LOST')
    elseif r.status == 'STOPPED' then
      move(r.id, s, 'STOPPED', 'PUBLISHER_LOST')
    end
    if s ~= nil and s.worker == a.worker and tonumber(s.epoch) == r.epoch then
      local since = r.silent_ms > 0 and text(now - r.silent_ms) or '0'
      local quiet = (s.silent_since or '0') ~= '0'
      if quiet ~= (since ~= '0') then call('HSET', stream_key(r.id), 'silent_since', since) end
      s.silent_since = since
      local kbps, over = s.kbps, s.over or '0'
      if r.kbps > 0 and s.status == 'ACTIVE' and not measured(w, r.id, s, r.kbps) and (s.kbps ~= kbps or s.over ~= over) then
        call('HSET', stream_key(r.id), 'kbps', s.kbps, 'over', s.over)
      end
    end
  end

  if a.all then
    for _, id in ipairs(call('SMEMBERS', held_key(a.worker))) do
      if not named[id] then
        local s = read('stream', id)
        if s == nil or s.worker ~= a.worker then
          call('SREM', held_key(a.worker), id)
          set_cluster({recount = '1'})
        elseif s.status ~= 'RECONNECTING' and now - tonumber(s.changed) > 3000 then
          lose(id, s, 'PUBLISHER_LOST')
        end
      end
    end
  end
  return {'ok', room(w), fenced, grant(a.worker, w, a.believed), pulls_since(a.worker, w, a.pulls_version)}
end

return for_each(a.calls, report)
