-- One stream: {now, record}, or {now} where there is none.
local s = read('stream', a.id)
if s == nil then return {text(now)} end
return {text(now), to_flat(s)}
