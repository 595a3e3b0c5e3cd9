-- The mark on a single server: one key.
local function mark_at(key)
  return redis.call('GET', key) or ''
end

local function move_mark(key, mark)
  redis.call('SET', key, mark)
end
