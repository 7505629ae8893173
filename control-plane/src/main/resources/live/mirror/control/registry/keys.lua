-- The key pair that signs tokens, the same for all replicas: the first that asks lays it down. Answers {id, pair}.
call('HSETNX', P .. 'token-keys', 'current', a.id)
local id = call('HGET', P .. 'token-keys', 'current')
if id == a.id then call('HSETNX', P .. 'token-keys', a.id, a.pair) end
return {id, call('HGET', P .. 'token-keys', id)}
