-- This replica is there, with its link address; answers those that are, itself included.
local key = P .. 'replicas'
redis.call('ZADD', key, now + 5000, a.address)
redis.call('ZREMRANGEBYSCORE', key, '-inf', now)
return redis.call('ZRANGE', key, 0, -1)
