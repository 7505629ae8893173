-- The cluster in six numbers: streams that have not stopped, places, reserved kbps, workers, records set aside,
-- places promised to workers.
return {call('ZCARD', ACTIVE), cluster('streams'), cluster('kbps'), call('ZCARD', WORKERS), cluster('poisoned'),
  cluster('granted')}
