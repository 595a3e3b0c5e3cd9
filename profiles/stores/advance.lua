-- Moves a resume mark, compare-and-set: docs/protocol.md, rule 5.
-- KEYS[1] the mark; ARGV[1], ARGV[2] mark and incarnation as expected; ARGV[3] where it goes.
-- Returns the footing after it; asked twice, because an answer was lost, it answers the same.
if stands(KEYS[1], ARGV[1], ARGV[2]) then redis.call('SET', KEYS[1], ARGV[3]) end
return footing(KEYS[1])
