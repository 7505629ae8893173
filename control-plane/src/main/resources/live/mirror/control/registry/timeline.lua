-- What happened to a stream, the newest last, each as JSON.
return redis.call('LRANGE', P .. 'timeline:' .. a.id, 0, -1)
