-- Stands before every script of the registry. KEYS[1] is '<prefix>cluster'; every other key has the same prefix and, on
-- Redis Cluster, the same hash tag. ARGV[1] is one JSON object. Times are Redis's own, in milliseconds.
--
--   cluster              hash    epoch: highest fence given · streams, kbps, granted: places taken, and promised · full: whether
--                                none is left · swept: time of the last sweep · rebuilt: until when workers tell what was lost
--   stream:<id>          hash    one stream; no expiry while it lives, since a lease is the worker's, not the stream's
--   streams:active       zset    ids of the streams that have not stopped, all with score 0, so in the order of their names
--   windows              zset    id -> end of the reconnect window
--   worker:<id>          hash    one worker · streams, kbps: what it holds
--   worker:<id>:streams  set     ids that it holds
--   workers              zset    id -> end of the lease
--   workers:lost         zset    id -> when it is forgotten
--   grants               zset    worker -> end of what it may admit alone; the places are in cluster: granted
--   definition:<id>      hash    what an operator laid down · definitions zset: id -> version · definitions:deleted likewise
--   placements:<worker>  zset    tokens given for a worker that have not shown up yet -> when they end
--   pulls                hash    stream with a pull source -> the worker that dials it, or nothing
--   pulls:free           zset    those that nobody dials -> from when on they may be given to a worker
--   worker:<id>:pulls    set     those that a worker dials
--   token:<id>           string  a token that was used
--   events               stream  what changed, capped · refusals: who was not let in
--   timeline:<id>        list    the same for one stream, as JSON
--
-- Fences are multiples of 16: what lies between two of them belongs to workers that have to go on alone.
local a = cjson.decode(ARGV[1])
local P = string.sub(KEYS[1], 1, -8)
local CLUSTER = KEYS[1]
local ACTIVE, WINDOWS = P .. 'streams:active', P .. 'windows'
local WORKERS, LOST, EVENTS = P .. 'workers', P .. 'workers:lost', P .. 'events'
local GRANTS, REFUSALS, DEFINITIONS = P .. 'grants', P .. 'refusals', P .. 'definitions'
local PULLS, FREE_PULLS = P .. 'pulls', P .. 'pulls:free'

-- What can't be one of ours is kept under 'poison:', counted, and from then on absent.
local set_aside

-- A command whose key is the first argument. A key of another type than ours is set aside, and the command done as if there had
-- been none.
local function call(command, key, ...)
  local answer = redis.pcall(command, key, ...)
  if type(answer) ~= 'table' or answer.err == nil then return answer end
  if not string.find(answer.err, 'WRONGTYPE', 1, true) then error(answer) end
  set_aside(key)
  return redis.call(command, key, ...)
end

-- Redis's own clock; a simulation brings its own.
local time = redis.call('TIME')
local clock = time[1] * 1000 + math.floor(time[2] / 1000)
local now = a.now or clock

-- A Redis that stood still finds what was asked meanwhile, and whoever asked has been told that it failed: what a late claim
-- took, nobody would have.
if a.answer_by and clock > a.answer_by then return redis.error_reply('LATE nobody waits for this any more') end

local function text(number) return string.format('%d', number) end
local function stream_key(id) return P .. 'stream:' .. id end
local function worker_key(id) return P .. 'worker:' .. id end
local function held_key(id) return P .. 'worker:' .. id .. ':streams' end
local function pulls_key(id) return P .. 'worker:' .. id .. ':pulls' end
local function placements_key(id) return P .. 'placements:' .. id end
local function definition_key(id) return P .. 'definition:' .. id end

local function to_table(flat)
  local t = {}
  for i = 1, #flat, 2 do t[flat[i]] = flat[i + 1] end
  return t
end

local function to_flat(t)
  local flat, n = {}, 0
  for k, v in pairs(t) do
    flat[n + 1], flat[n + 2] = k, type(v) == 'number' and text(v) or v
    n = n + 2
  end
  return flat
end

-- Tells replicas, and through them workers and watchers: event(kind, field, value, …), all text.
local function event(...)
  call('XADD', EVENTS, 'MAXLEN', '~', 20000, '*', 'kind', ...)
end

-- A publisher that is not let in; the last thousand are kept.
local function refusal(fields)
  call('XADD', REFUSALS, 'MAXLEN', 1000, '*', unpack(to_flat(fields)))
end

-- Records that were read, as they stand in Redis: what is the same is not written again.
local as_read = {}

local function write(key, fields)
  local before = as_read[fields] or {}
  as_read[fields] = nil
  local flat, n = {}, 0
  for k, v in pairs(fields) do
    if before[k] ~= v then
      flat[n + 1], flat[n + 2] = k, type(v) == 'number' and text(v) or v
      n = n + 2
    end
  end
  if n > 0 then call('HSET', key, unpack(flat)) end
end

-- The cluster's record and the workers' are read once, since nobody else runs meanwhile. Changes are seen here at once and
-- written together when the script has answered, by flush below.
local cluster_record
local worker_records = {}
local unwritten = {}

local function change(key, record, fields)
  local late = unwritten[key] or {}
  unwritten[key] = late
  for field, value in pairs(fields) do
    local written = type(value) == 'number' and text(value) or value
    record[field], late[field] = written, written
  end
end

local COUNTED = {'epoch', 'streams', 'kbps', 'granted', 'swept', 'poisoned', 'definitions', 'pulls', 'full', 'recount',
  'rebuilt'}

local function cluster(field)
  if cluster_record == nil then
    local flat = call('HGETALL', CLUSTER)
    -- Unless it was set aside just now.
    cluster_record = cluster_record or to_table(flat)
    for _, counted in ipairs(COUNTED) do
      if tonumber(cluster_record[counted] or '0') == nil then
        set_aside(CLUSTER)
        break
      end
    end
  end
  return tonumber(cluster_record[field] or '0')
end

local function set_cluster(fields)
  cluster('epoch')
  change(CLUSTER, cluster_record, fields)
end

set_aside = function(key)
  redis.call('RENAME', key, P .. 'poison:' .. key)
  if key == CLUSTER then cluster_record = {} end
  -- Who has all definitions in memory sees that they are lost.
  local lost = key == DEFINITIONS and '0' or nil
  set_cluster({poisoned = cluster('poisoned') + 1, recount = '1', definitions = lost})
  event('poison', 'key', key)
end

-- Every transition that there is; the others are refused.
local TRANSITIONS = {
  CONNECTING = {CONNECTING = true, ACTIVE = true, RECONNECTING = true, STOPPED = true},
  ACTIVE = {CONNECTING = true, RECONNECTING = true, STOPPED = true},
  RECONNECTING = {CONNECTING = true, ACTIVE = true, RECONNECTING = true, STOPPED = true},
  STOPPED = {CONNECTING = true, ACTIVE = true, RECONNECTING = true},
}

-- Whether a hash can be one of ours: what scripts count with has to be a number in it, or they would stop halfway.
local NUMBERS = {'epoch', 'streams', 'kbps', 'max_streams', 'max_kbps', 'declared', 'window', 'deadline', 'changed', 'started',
  'reconnects', 'silent_since', 'grant', 'fences', 'fences_at', 'pulls'}
local NEEDED = {
  stream = {'epoch', 'kbps', 'changed', 'reconnects', 'worker'},
  worker = {'epoch', 'streams', 'kbps', 'max_streams', 'max_kbps'},
  definition = {'version'},
}

local function is_ours(kind, t)
  for i = 1, #NUMBERS do
    local field = t[NUMBERS[i]]
    if field ~= nil then
      local number = tonumber(field)
      if number == nil or not (number >= -9007199254740992 and number <= 9007199254740992) then return false end
    end
  end
  for _, field in ipairs(NEEDED[kind]) do
    if t[field] == nil then return false end
  end
  if kind == 'definition' then return tonumber(t.version) ~= nil end
  return kind == 'worker' or TRANSITIONS[t.status] ~= nil
end

-- A record ('stream', 'worker' or 'definition'), or nil when there is none or it had to be set aside.
local function read(kind, id)
  local key = P .. kind .. ':' .. id
  local flat = call('HGETALL', key)
  if #flat == 0 then return nil end
  local t, before = {}, {}
  for i = 1, #flat, 2 do t[flat[i]], before[flat[i]] = flat[i + 1], flat[i + 1] end
  if is_ours(kind, t) then
    as_read[t] = before
    return t
  end
  set_aside(key)
  return nil
end

-- Tells operators what became of a stream. A list: a Redis stream takes 4 KB for its first entry.
local function timeline(id, fields)
  local key = P .. 'timeline:' .. id
  fields.at, fields.side = text(now), a.side or 'worker'
  local entry = cjson.encode(fields)
  local length = call('RPUSH', key, entry)
  if length > 200 then call('LTRIM', key, -200, -1) end
  call('PEXPIRE', key, 86400000)
end

local function worker_record(id)
  local w = worker_records[id]
  if w == nil then
    w = read('worker', id) or false
    worker_records[id] = w
  end
  return w or nil
end

local function set_worker(id, fields)
  local w = worker_record(id)
  if w ~= nil then change(worker_key(id), w, fields) end
end

local function forget_worker(id)
  worker_records[id], unwritten[worker_key(id)] = false, nil
end

local function flush()
  for key, fields in pairs(unwritten) do write(key, fields) end
end

-- Runs a step, and does not end halfway where it fails: what was changed of the cluster and the workers is written all the same,
-- and the sweeper counts places again. Answers what the step does, or nil and why it failed.
local function whole(step)
  local done, answer = pcall(step)
  if done then return answer end
  set_cluster({recount = '1'})
  return nil, type(answer) == 'table' and answer.err or tostring(answer)
end

-- The same step for each of several calls, whose arguments stand in place of those of the script: a list of what it answers,
-- or {'failed', why}.
local function for_each(calls, step)
  local answers = {}
  for i = 1, #calls do
    for name, value in pairs(calls[i]) do a[name] = value end
    local answer, why = whole(step)
    answers[i] = answer or {'failed', why}
  end
  return answers
end
