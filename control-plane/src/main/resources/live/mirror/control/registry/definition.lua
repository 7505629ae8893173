-- One definition: {record}, or {} where there is none.
local d = read('definition', a.id)
if d == nil then return {} end
return {to_flat(d)}
