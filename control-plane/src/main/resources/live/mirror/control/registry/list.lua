-- A page of the streams that have not stopped, in the order of their ids; with a.worker only those that it holds. Answers {now, next id or '', id, record, …}.
local from = a.after == '' and '-' or '(' .. a.after
local page = {text(now), ''}
local ids
if a.worker == '' then
  ids = call('ZRANGEBYLEX', ACTIVE, from, '+', 'LIMIT', 0, a.limit)
else
  local held = call('SMEMBERS', held_key(a.worker))
  table.sort(held)
  ids = {}
  for _, id in ipairs(held) do
    if id > a.after and #ids < a.limit then ids[#ids + 1] = id end
  end
end
for _, id in ipairs(ids) do
  local s = read('stream', id)
  if s == nil then
    call('ZREM', ACTIVE, id)
  else
    page[#page + 1] = id
    page[#page + 1] = to_flat(s)
  end
end
if #ids == a.limit then page[2] = ids[#ids] end
return page
