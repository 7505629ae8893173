-- Creates, replaces or, with a.delete, deletes a definition. Answers {'ok', version} or {reason, detail}.
local key = definition_key(a.id)
local d = read('definition', a.id)
if a.delete and d == nil then return {'NOT_FOUND', 'there is no definition of ' .. a.id} end
if a.if_version == -1 and d ~= nil and call('ZSCORE', DEFINITIONS, a.id) then return {'CONFLICT', 'the stream is defined already'} end
if a.if_version > 0 and (d == nil or tonumber(d.version) ~= a.if_version) then
  return {'CONFLICT', 'the definition was changed meanwhile'}
end
if d == nil and call('ZCARD', DEFINITIONS) >= a.max_definitions then
  return {'CAPACITY', 'there are ' .. text(a.max_definitions) .. ' definitions already'}
end
-- A source that is to be dialled waits for the sweeper to find a worker; where a lost registry is filled again, long enough for
-- the one that has it to say so. One that is not to be dialled any more takes its stream along.
local pull = not a.delete and a.fields.pull == '1'
local pulled = call('HEXISTS', PULLS, a.id) == 1
if pull and not pulled then
  free_pull(a.id, now + (a.restored and a.lease_ms or 0))
elseif pulled and not pull then
  take_pull(a.id)
  call('HDEL', PULLS, a.id)
  local s = read('stream', a.id)
  if s ~= nil and s.status ~= 'STOPPED' then
    if s.worker ~= '' then fence_off(a.id, s, 'STOPPED_BY_OPERATOR') end
    move(a.id, s, 'STOPPED', 'STOPPED_BY_OPERATOR')
  end
end
local version = cluster('definitions') + 1
set_cluster({definitions = version})
if a.delete then
  call('DEL', key)
  call('ZREM', DEFINITIONS, a.id)
  call('ZADD', DEFINITIONS .. ':deleted', version, a.id)
  call('ZREMRANGEBYRANK', DEFINITIONS .. ':deleted', 0, -10001)
else
  local fields = a.fields
  fields.version, fields.updated = text(version), text(now)
  call('DEL', key)
  write(key, fields)
  call('ZADD', DEFINITIONS, version, a.id)
  call('ZREM', DEFINITIONS .. ':deleted', a.id)
end
event('definitions', 'id', a.id, 'version', text(version))
return {'ok', text(version)}
