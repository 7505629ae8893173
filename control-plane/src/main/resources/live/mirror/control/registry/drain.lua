-- An operator takes a worker out of service or back. Answers {1}, or {0} where there is no such worker.
local w = worker_record(a.worker)
if w == nil then return {0} end
set_worker(a.worker, {drain = a.on and '1' or '0'})
if a.on then free_pulls_of(a.worker) end
event(a.on and 'drain' or 'undrain', 'worker', a.worker, 'within_ms', text(a.within_ms))
event('worker', 'worker', a.worker, 'epoch', w.epoch, 'status', 'LIVE')
return {1}
