-- Workers: {now, id, lease end or 0 when lost, record, …}; all of them, or those of a.ids that are there.
local answer = {text(now)}
local function add(id, lease)
  local w = read('worker', id)
  if w == nil then return false end
  answer[#answer + 1] = id
  answer[#answer + 1] = lease
  answer[#answer + 1] = to_flat(w)
  return true
end

if a.ids then
  for _, id in ipairs(a.ids) do add(id, call('ZSCORE', WORKERS, id) or '0') end
  return answer
end
for _, zset in ipairs({WORKERS, LOST}) do
  local ids = call('ZRANGE', zset, 0, -1, 'WITHSCORES')
  for i = 1, #ids, 2 do
    if not add(ids[i], zset == WORKERS and ids[i + 1] or '0') then call('ZREM', zset, ids[i]) end
  end
end
return answer
