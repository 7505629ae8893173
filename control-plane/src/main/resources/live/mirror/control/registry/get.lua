-- One stream: {now, record}, or {now} where there is none.
local s = read(stream_key(a.id), 'epoch')
if s == nil then return {text(now)} end
return {text(now), to_flat(s)}
