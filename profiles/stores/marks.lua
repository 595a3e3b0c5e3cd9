-- The marks on a master of a cluster, which move together: keys separated by spaces, marks by commas.
local function mark_at(keys)
  local marks = {}
  for key in string.gmatch(keys, '%S+') do marks[#marks + 1] = redis.call('GET', key) or '' end
  return table.concat(marks, ',')
end

-- Fails where a key is on its way to another master, before anything of its customer is written.
local function reach(key)
  redis.call('EXISTS', key)
end

local function move_mark(keys, marks)
  local mark = string.gmatch(marks, '[^,]+')
  for key in string.gmatch(keys, '%S+') do redis.call('SET', key, mark()) end
end
