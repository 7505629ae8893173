-- What happened to a stream, the newest last, as XRANGE gives it.
return redis.call('XRANGE', P .. 'timeline:' .. a.id, '-', '+')
