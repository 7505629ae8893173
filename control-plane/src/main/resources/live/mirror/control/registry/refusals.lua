-- The refusals kept, the newest first: {id, fields, …} as XREVRANGE gives them.
return call('XREVRANGE', REFUSALS, '+', '-')
