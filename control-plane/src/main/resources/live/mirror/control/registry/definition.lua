-- One definition: {record}, or {} where there is none.
local d = read(definition_key(a.id), 'version')
if d == nil then return {} end
return {to_flat(d)}
