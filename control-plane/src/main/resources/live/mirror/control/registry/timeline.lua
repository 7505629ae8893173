-- What happened to a stream, the newest last, each as JSON.
local key = P .. 'timeline:' .. a.id
local entries = redis.pcall('LRANGE', key, 0, -1)
if entries.err == nil then return entries end
set_aside(key)
return {}
