-- Every worker: {now, id, lease end or 0 when lost, record, …}.
local answer = {text(now)}
local function add(zset, lease)
  local ids = call('ZRANGE', zset, 0, -1, 'WITHSCORES')
  for i = 1, #ids, 2 do
    local w = read('worker', ids[i])
    if w ~= nil then
      answer[#answer + 1] = ids[i]
      answer[#answer + 1] = lease and ids[i + 1] or '0'
      answer[#answer + 1] = to_flat(w)
    else
      call('ZREM', zset, ids[i])
    end
  end
end
add(WORKERS, true)
add(LOST, false)
return answer
