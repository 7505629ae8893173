-- What changed behind an event, for who comes back: {id of the last event, 1 when none behind a.after was dropped, entries as
-- XRANGE gives them}. An event that is still there has all that came behind it.
local last = call('XREVRANGE', EVENTS, '+', '-', 'COUNT', 1)
local answer = {last[1] and last[1][1] or '0-0', 0, {}}
if a.after ~= '' and #call('XRANGE', EVENTS, a.after, a.after) == 1 then
  answer[2] = 1
  answer[3] = call('XRANGE', EVENTS, '(' .. a.after, '+', 'COUNT', a.limit)
end
return answer
