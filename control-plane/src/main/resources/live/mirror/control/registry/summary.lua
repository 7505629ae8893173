-- The cluster in five numbers: streams that have not stopped, places, reserved kbps, workers, records set aside.
return {redis.call('ZCARD', ACTIVE), cluster('streams'), cluster('kbps'), redis.call('ZCARD', WORKERS), cluster('poisoned')}
