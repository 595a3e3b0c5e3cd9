-- The mark on a single server: one key.
local function mark_at(key)
  return redis.call('GET', key) or ''
end

local function reach() end -- all keys are here

local function move_mark(key, mark)
  redis.call('SET', key, mark)
end
