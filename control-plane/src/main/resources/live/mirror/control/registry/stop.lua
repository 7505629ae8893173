-- An operator ends a stream; the worker that holds it is told by an event. Answers {1}, or {0} where there is no such stream.
local s = read('stream', a.id)
if s == nil then return {0} end
if s.status ~= 'STOPPED' then
  if s.worker ~= '' then fence_off(a.id, s, a.reason) end
  move(a.id, s, 'STOPPED', a.reason)
end
return {1}
