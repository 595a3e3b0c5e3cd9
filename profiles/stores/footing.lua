-- Mark and incarnation, which every write compares: docs/protocol.md, rule 7.
-- master_replid is new after each restart and failover.
local function incarnation()
  return string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)')
end

local function footing(key)
  return incarnation() .. ' ' .. (redis.call('GET', key) or '')
end

local function stands(key, mark, expected_incarnation)
  return (redis.call('GET', key) or '') == mark and incarnation() == expected_incarnation
end
