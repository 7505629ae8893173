-- Decides on a publisher. Answers {'ok', epoch, kbps, window, room} or {reason, detail, room?}. Retries with the same request
-- id get the same answer.
local w, reason, detail = caller()
if w == nil then return {reason, detail} end

local s = read(stream_key(a.id), 'epoch')
if s ~= nil and s.req == a.req and s.worker == a.worker and s.status ~= 'STOPPED' then
  return {'ok', s.epoch, s.kbps, s.window, room(w)}
end

local function refuse(why, sentence)
  return {why, sentence, room(w)}
end

if w.draining == '1' or w.drain == '1' then return refuse('DRAINING', 'the worker takes nothing new') end

local stopped = s == nil or s.status == 'STOPPED'
if not stopped and s.status ~= 'RECONNECTING' and not a.takeover then
  return refuse('ALREADY_PUBLISHING', 'the stream is live at worker ' .. s.worker)
end

-- Room, first the cluster's, then the worker's. A stream that waits for its publisher has kept its places, with its old bitrate.
local kbps = (not stopped and s.place == '1') and tonumber(s.kbps) or a.kbps
if stopped or s.place ~= '1' then
  if cluster('streams') >= a.max_streams then
    return refuse('CAPACITY', 'all ' .. text(a.max_streams) .. ' streams of the cluster are taken')
  end
  if a.max_kbps > 0 and cluster('kbps') + kbps > a.max_kbps then
    return refuse('CAPACITY', 'the bitrate of the cluster is taken')
  end
end
if stopped or s.worker ~= a.worker then
  if tonumber(w.streams) >= tonumber(w.max_streams) then
    return refuse('CAPACITY', 'all ' .. w.max_streams .. ' streams of the worker are taken')
  end
  if tonumber(w.max_kbps) > 0 and tonumber(w.kbps) + kbps > tonumber(w.max_kbps) then
    return refuse('CAPACITY', 'the bitrate of the worker is taken')
  end
end

if stopped then
  s = {status = 'STOPPED', reconnects = '0', started = text(now), worker = '', place = '0', epoch = s and s.epoch or '0'}
else
  s.reconnects = text(tonumber(s.reconnects) + 1)
  if s.worker ~= '' and s.worker ~= a.worker then fence_off(a.id, s, 'MOVED', a.worker) end
end
s.epoch = text(next_fence(tonumber(s.epoch)))
s.req, s.protocol, s.source, s.kbps, s.window = a.req, a.protocol, a.source, text(kbps), text(a.window_ms)
take_cluster_place(s)
take_worker_place(a.id, s, a.worker)
s.last_worker = ''
move(a.id, s, 'CONNECTING', '')
return {'ok', s.epoch, s.kbps, s.window, room(read(worker_key(a.worker), 'epoch'))}
