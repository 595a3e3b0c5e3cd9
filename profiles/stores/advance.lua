-- Moves a resume mark, compare-and-set: docs/protocol.md, rule 5.
-- KEYS[1] the mark, KEYS[2] the gap counter; ARGV[1], ARGV[2] mark and incarnation as expected,
-- ARGV[3] where the mark goes, ARGV[4] how many offsets are lost by it.
-- Returns the footing after it; asked twice, because an answer was lost, it answers the same.
if stands(KEYS[1], ARGV[1], ARGV[2]) then
  move_mark(KEYS[1], ARGV[3])
  if ARGV[4] ~= '0' then redis.call('INCRBY', KEYS[2], ARGV[4]) end
end
return footing(KEYS[1])
