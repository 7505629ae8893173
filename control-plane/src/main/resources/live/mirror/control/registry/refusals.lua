-- The refusals kept, the newest first: {id, fields, …} as XREVRANGE gives them.
return redis.call('XREVRANGE', REFUSALS, '+', '-')
