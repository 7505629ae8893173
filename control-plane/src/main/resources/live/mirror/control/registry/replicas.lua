-- This replica is there, with its link address; answers those that are, itself included.
local key = P .. 'replicas'
call('ZADD', key, now + 5000, a.address)
call('ZREMRANGEBYSCORE', key, '-inf', now)
return call('ZRANGE', key, 0, -1)
