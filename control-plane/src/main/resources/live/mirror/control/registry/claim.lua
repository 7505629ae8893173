-- Decides on publishers, one after the other. Answers for each {'ok', epoch, kbps, window, room} or {reason, detail, room?}.
-- Retries with the same request id get the same answer.
local function decide()
  local w, reason, detail = caller()
  if w == nil then return {reason, detail} end

  local s = read('stream', a.id)
  if s ~= nil and s.req == a.req and s.worker == a.worker and s.status ~= 'STOPPED' then
    return {'ok', s.epoch, s.kbps, s.window, room(w)}
  end

  local function refuse(why, sentence)
    refusal({at = text(now), source = a.source, id = a.id, reason = why, detail = sentence, worker = a.worker,
      protocol = a.protocol, count = '1', srt = '0'})
    return {why, sentence, room(w)}
  end

  if w.draining == '1' or w.drain == '1' then return refuse('DRAINING', 'the worker takes nothing new') end

  -- What the operator laid down.
  local d = read('definition', a.id)
  if d == nil and a.defined_only then return refuse('NOT_DEFINED', 'only defined streams are taken') end
  d = d or {}
  if d.disabled == '1' then return refuse('DISABLED', 'the stream is disabled') end
  if (d.protocol or '') ~= '' and d.protocol ~= a.protocol then
    return refuse('FORBIDDEN', 'the stream is defined for ' .. d.protocol)
  end
  if d.pull == '1' and not a.pulled then return refuse('FORBIDDEN', 'the stream is pulled from a source') end
  if a.pulled then
    if call('HGET', PULLS, a.id) ~= a.worker then
      return refuse('FENCED', 'the source of the stream is not dialled by this worker any more')
    end
    call('ZREM', placements_key(a.worker), 'pull ' .. a.id)
  elseif (d.key or '') ~= '' and d.key ~= a.credential and a.token == '' then
    return refuse('UNAUTHORIZED', a.credential == '' and 'a publish key is needed' or 'the publish key is wrong')
  end
  if a.token ~= '' then
    call('ZREM', placements_key(a.worker), a.token)
    local used = call('GET', P .. 'token:' .. a.token)
    if used and used ~= a.req then return refuse('TOKEN_EXPIRED', 'the token was used before') end
  end
  local declared = tonumber(d.kbps or '0')
  if declared == 0 then declared = a.kbps end
  local window = d.window or text(a.window_ms)

  -- A live session gives way when it is silent, to the worker that the source was given to, or to the same credential where the
  -- rule says so; two encoders that take it from each other again and again stop at the limit, and the incumbent stays.
  local stopped = s == nil or s.status == 'STOPPED'
  local evict = not stopped and s.status ~= 'RECONNECTING'
  if evict and not a.pulled then
    local rule = d.takeover or 'SILENT'
    local since = tonumber(s.silent_since or '0')
    local silent = (s.worker == a.worker and a.silent_ms >= a.silence_ms) or (since > 0 and now - since >= a.silence_ms)
    local same = rule == 'SAME_CREDENTIAL' and a.credential ~= '' and a.credential == s.cred
    if rule == 'NEVER' or not (silent or same) then
      return refuse('ALREADY_PUBLISHING', 'the stream is live at worker ' .. s.worker)
    end
    local recent = {}
    for t in string.gmatch(s.evictions or '', '%d+') do
      if now - tonumber(t) < 60000 then recent[#recent + 1] = t end
    end
    if #recent >= a.max_evictions then
      alarm(a.id, s, 'ALREADY_PUBLISHING', 'two publishers take the stream from each other: ' .. s.source .. ' stays, '
        .. a.source .. ' is refused')
      return refuse('ALREADY_PUBLISHING', 'the stream changed hands too often; the incumbent stays')
    end
    recent[#recent + 1] = text(now)
    s.evictions = table.concat(recent, ' ')
  end

  notice_loss(a.floor or 0)
  if cluster('rebuilt') > now then
    return {'REGISTRY_AWAY', 'the registry lost data; workers are telling it what they hold'}
  end

  -- Room, first the cluster's, then the worker's. A stream that waits for its publisher has kept its places.
  local kept = not stopped and s.place == '1'
  local kbps = declared > 0 and declared or (kept and tonumber(s.kbps)) or a.default_kbps
  local more = kept and kbps - tonumber(s.kbps) or kbps
  -- The cluster's record was set aside, and the sweeper has not counted yet.
  if cluster('recount') == 1 and cluster('swept') == 0 then return {'REGISTRY_AWAY', 'places are being counted again'} end
  if not kept and taken(w) >= a.max_streams then
    return refuse('CAPACITY', 'all ' .. text(a.max_streams) .. ' streams of the cluster are taken')
  end
  if a.max_kbps > 0 and more > 0 and taken_kbps(w) + more > a.max_kbps then
    return refuse('CAPACITY', 'the bitrate of the cluster is taken')
  end
  local here = not stopped and s.worker == a.worker
  if not here and tonumber(w.streams) >= tonumber(w.max_streams) then
    return refuse('CAPACITY', 'all ' .. w.max_streams .. ' streams of the worker are taken')
  end
  local more_here = here and more or kbps
  if tonumber(w.max_kbps) > 0 and more_here > 0 and tonumber(w.kbps) + more_here > tonumber(w.max_kbps) then
    return refuse('CAPACITY', 'the bitrate of the worker is taken')
  end

  if a.token ~= '' then call('SET', P .. 'token:' .. a.token, a.req, 'PX', 86400000) end
  if stopped then
    local before = s
    s = {status = 'STOPPED', reconnects = '0', started = text(now), worker = '', place = '0', epoch = before and before.epoch or '0'}
    as_read[s] = as_read[before or s]
  else
    s.reconnects = text(tonumber(s.reconnects) + 1)
    if s.worker ~= '' and s.worker ~= a.worker then
      fence_off(a.id, s, 'MOVED', a.worker)
    end
    -- The places change their size: given back here, taken again below.
    if kept and more ~= 0 then
      free_cluster_place(s)
      if here then free_worker_place(a.id, s) end
    end
  end
  if not kept and tonumber(w.grant or '0') > 0 then set_grant(a.worker, w, tonumber(w.grant) - 1) end
  s.epoch = text(next_fence(tonumber(s.epoch)))
  s.req, s.protocol, s.source, s.kbps, s.window = a.req, a.protocol, a.source, text(kbps), window
  s.declared, s.cred, s.silent_since, s.figures, s.over = text(declared), a.credential, '0', '', '0'
  take_cluster_place(s)
  take_worker_place(a.id, s, a.worker)
  s.last_worker = ''
  move(a.id, s, 'CONNECTING', evict and 'TAKEN_OVER' or '')
  return {'ok', s.epoch, s.kbps, s.window, room(w)}
end

return for_each(a.calls, decide)
