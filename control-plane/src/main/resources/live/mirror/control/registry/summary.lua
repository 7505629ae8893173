-- The cluster in six numbers: streams that have not stopped, places, reserved kbps, workers, records set aside,
-- places promised to workers.
return {redis.call('ZCARD', ACTIVE), cluster('streams'), cluster('kbps'), redis.call('ZCARD', WORKERS), cluster('poisoned'),
  cluster('granted')}
