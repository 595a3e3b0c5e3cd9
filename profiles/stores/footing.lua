-- Mark and incarnation, which every write compares: docs/protocol.md, rule 7.
-- master_replid is new after each restart and failover. What a mark is, mark.lua or marks.lua says.
local function incarnation()
  return string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)')
end

local function footing(key)
  return incarnation() .. ' ' .. mark_at(key)
end

local function stands(key, mark, expected_incarnation)
  return mark_at(key) == mark and incarnation() == expected_incarnation
end
