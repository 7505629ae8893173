-- Which worker dials which source: {stream, worker or '', …}; with a.id that one alone, or {}.
if a.id == '' then return call('HGETALL', PULLS) end
local worker = call('HGET', PULLS, a.id)
return worker and {a.id, worker} or {}
