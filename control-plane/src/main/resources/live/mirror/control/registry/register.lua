-- Begins or renews a worker's membership and settles what it holds. Answers {'ok', epoch, room, fenced, grant, drained,
-- pulls, known} or {reason, detail}.
local w = worker_record(a.worker)
local known = w ~= nil and w.incarnation == a.incarnation
local live = call('ZSCORE', WORKERS, a.worker)
if w ~= nil and not known and live and a.worker_epoch > 0 and a.worker_epoch < tonumber(w.epoch) then
  return {'FENCED', 'a newer process has this worker id'}
end

-- Whether all is as this replica was told, so that it need not be told again.
local as_told = known and live and w.replica == a.replica

local before = {}
for _, id in ipairs(call('SMEMBERS', held_key(a.worker))) do before[id] = true end
-- Its record was set aside: what it holds was counted there.
if w == nil and next(before) then set_cluster({recount = '1'}) end

notice_loss(math.max(a.floor or 0, a.worker_epoch))
if not known and a.worker_epoch > 0 and cluster('rebuilt') > now then await_workers() end
local epoch = known and tonumber(w.epoch) or next_fence(a.worker_epoch)
-- An operator's drain is for a process: it survives the registry's loss, and ends with the process. So do the epochs to go on
-- alone with: the old process may have used its.
if not known then
  w = w or {streams = '0', kbps = '0'}
  w.drain, w.fences_at = a.drained and '1' or '0', '0'
end
w.epoch, w.incarnation, w.replica = text(epoch), a.incarnation, a.replica
w.max_streams, w.max_kbps = text(a.worker_streams), text(a.worker_kbps)
w.addresses, w.version, w.draining, w.lost = a.addresses, a.version, a.draining and '1' or '0', '0'
worker_records[a.worker] = w
write(worker_key(a.worker), w)
call('PERSIST', worker_key(a.worker))
call('ZADD', WORKERS, now + a.lease_ms, a.worker)
call('ZREM', LOST, a.worker)

-- What it admitted alone is among what it holds; of the promise, the rest stands.
set_grant(a.worker, w, known and a.believed or 0)

if not takes(a.worker, w) then free_pulls_of(a.worker) end

local fenced = {}

-- The record of a stream that the registry does not know (any more), by what its worker says.
local function adopt(h, s)
  s = s or {reconnects = '0', started = text(now), req = '', declared = '0', cred = '', last_worker = ''}
  s.status, s.epoch, s.protocol, s.source = s.status or 'CONNECTING', text(h.epoch), h.protocol, h.source
  s.kbps, s.window = s.kbps or text(h.kbps), s.window or text(a.window_ms)
  s.worker, s.place, s.last_worker = s.worker or '', s.place or '0', ''
  return s
end

local function settle(h)
  local s = read('stream', h.id)
  local seen = s and tonumber(s.epoch) or 0
  raise_fence(h.epoch)
  local other = elsewhere(s)
  if s ~= nil and seen > h.epoch then return other and 'MOVED' or 'FENCED', other end
  if s ~= nil and seen == h.epoch then
    if other then return 'MOVED', other end
    if s.status == 'STOPPED' and s.reason ~= 'WINDOW_OVER' and s.reason ~= 'WORKER_LOST' then return s.reason end
    if s.worker == '' and s.last_worker ~= a.worker then return 'FENCED' end
  end
  -- Its place was given back while its worker was away, and may be somebody else's now.
  if s ~= nil and s.place ~= '1' and (taken(w) >= a.max_streams or
      (a.max_kbps > 0 and taken_kbps(w) + tonumber(s.kbps) > a.max_kbps)) then
    return 'CAPACITY'
  end
  if other then fence_off(h.id, s, 'MOVED', a.worker) end
  local puller = call('HGET', PULLS, h.id)
  if puller and puller ~= a.worker and takes(a.worker, w) then assign_pull(h.id, a.worker) end
  local same = s ~= nil and seen == h.epoch and s.worker == a.worker and s.status == h.status
  as_told = as_told and same
  s = adopt(h, s)
  take_cluster_place(s)
  take_worker_place(h.id, s, a.worker)
  if same then
    write(stream_key(h.id), s)
    call('ZADD', ACTIVE, 0, h.id)
  elseif h.status == 'RECONNECTING' then
    lose(h.id, s, 'PUBLISHER_LOST')
  elseif s.status ~= h.status or seen ~= h.epoch then
    if s.status == 'ACTIVE' and h.status == 'CONNECTING' then h.status = 'ACTIVE' end
    if s.status == h.status then s.status = 'CONNECTING' end
    move(h.id, s, h.status, '')
  else
    write(stream_key(h.id), s)
  end
  return nil
end

-- First what the registry has not seen yet: its places were promised, and are free since a moment ago.
local seen_before = {}
local function settle_all(known_ones)
  for _, h in ipairs(a.held) do
    if seen_before[h.id] == known_ones then
      local refusal, moved_to = settle(h)
      before[h.id] = nil
      if refusal ~= nil then add_fenced(fenced, h.id, h.epoch, refusal, moved_to) end
    end
  end
end
for _, h in ipairs(a.held) do seen_before[h.id] = call('EXISTS', stream_key(h.id)) end
settle_all(0)
settle_all(1)

-- What the registry believed to be there and is not: a process that ended took all of it along; one that goes on has lost
-- the publisher. A claim that is on its way gets its time.
for id in pairs(before) do
  local s = read('stream', id)
  if s == nil then
    call('SREM', held_key(a.worker), id)
  elseif not known then
    lose(id, s, 'WORKER_LOST')
  elseif s.status ~= 'RECONNECTING' and now - tonumber(s.changed) > 3000 then
    lose(id, s, 'PUBLISHER_LOST')
  end
end

event('worker', 'worker', a.worker, 'epoch', text(epoch), 'status', 'LIVE')
return {'ok', text(epoch), room(w), fenced, grant(a.worker, w, known and a.believed or 0), w.drain,
  pulls_since(a.worker, w, -1), as_told and '1' or '0'}
