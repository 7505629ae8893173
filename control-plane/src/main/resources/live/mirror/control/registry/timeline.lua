-- What happened to a stream, the newest last, each as JSON.
return call('LRANGE', P .. 'timeline:' .. a.id, 0, -1)
