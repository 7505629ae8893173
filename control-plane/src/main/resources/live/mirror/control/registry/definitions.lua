-- The definitions that changed after a version: {version, full?, deleted ids, id, record, …}. A version that is unknown here, or
-- so old that deletions were forgotten, gets all of them.
local version = cluster('definitions')
local since = a.since
local forgotten = call('ZRANGE', DEFINITIONS .. ':deleted', 0, 0, 'WITHSCORES')
local full = since <= 0 or since > version or (call('ZCARD', DEFINITIONS .. ':deleted') >= 10000
  and tonumber(forgotten[2]) > since + 1)
if full then since = 0 end
local answer = {text(version), full and '1' or '0', full and {} or call('ZRANGEBYSCORE', DEFINITIONS .. ':deleted', '(' .. text(since), '+inf')}
for _, id in ipairs(call('ZRANGEBYSCORE', DEFINITIONS, '(' .. text(since), '+inf')) do
  local d = read('definition', id)
  if d ~= nil then
    answer[#answer + 1] = id
    answer[#answer + 1] = to_flat(d)
  else
    call('ZREM', DEFINITIONS, id)
  end
end
return answer
