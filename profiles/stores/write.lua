-- Writes one chunk of a batch: docs/protocol.md, rules 3 and 7.
--
-- KEYS[1]  the partition's resume mark      ARGV[1], ARGV[2]  mark and incarnation as expected
--   ARGV[3]  where the mark goes once all are stored, rule 5; empty: it stays
-- KEYS[2i], KEYS[2i+1]  state and profile   ARGV[i+3]  msgpack of one customer's write:
--   [field, base header, section, {sibling field, header, ...}, {public field, value, ...},
--    {removed field, ...}, replace]; without a section it is a refresh of the public fields
-- Returns one outcome a customer (profiles/store.py), or the footing as text where it is another.

local VERSION, IDENTITY, HEADER = 2, 10, 18 -- ends of version, epoch and watermark in a header
local STORED, SECTION_ONLY, CONTAINED, CONFLICT, REFUSED = 0, 1, 2, 3, 4
local STALE = 'stale'

local function header_of(state, field)
  local section = redis.call('HGET', state, field)
  return section and string.sub(section, 1, HEADER) or ''
end

local function watermark(header)
  return struct.unpack('>i8', string.sub(header, IDENTITY + 1, HEADER))
end

local function same(a, b, length)
  return string.sub(a, 1, length) == string.sub(b, 1, length)
end

local function mismatch(stored, base, section)
  if stored == '' then return CONFLICT end
  if not same(stored, section, VERSION) then return REFUSED end
  if same(stored, section, IDENTITY) then
    return watermark(stored) >= watermark(section) and CONTAINED or CONFLICT
  end
  return same(stored, base, IDENTITY) and CONFLICT or REFUSED
end

local function unmoved(state, siblings, others)
  if redis.call('HLEN', state) ~= #siblings / 2 + others then return false end
  for i = 1, #siblings, 2 do
    if header_of(state, siblings[i]) ~= siblings[i + 1] then return false end
  end
  return true
end

local function publish(profile, fields, removed, replace)
  if replace then redis.call('DEL', profile) end
  if #fields > 0 then redis.call('HSET', profile, unpack(fields)) end
  if #removed > 0 then redis.call('HDEL', profile, unpack(removed)) end
end

local function write(state, profile, packed)
  local field, base, section, siblings, fields, removed, replace = unpack(cmsgpack.unpack(packed))
  local stale = redis.call('HEXISTS', state, STALE)
  reach(profile)
  if section == '' then
    if not unmoved(state, siblings, stale) then return CONFLICT end
  else
    local stored = header_of(state, field)
    local foreign = stored ~= '' and not same(stored, section, VERSION)
    if foreign or stored ~= base then return mismatch(stored, base, section) end
    redis.call('HSET', state, field, section)
    if not unmoved(state, siblings, stale + 1) then
      redis.call('HSET', state, STALE, 1)
      return SECTION_ONLY
    end
  end
  publish(profile, fields, removed, replace)
  if stale == 1 then redis.call('HDEL', state, STALE) end
  return STORED
end

if not stands(KEYS[1], ARGV[1], ARGV[2]) then return footing(KEYS[1]) end
local outcomes, all_stored = {}, true
for i = 1, #ARGV - 3 do
  outcomes[i] = write(KEYS[2 * i], KEYS[2 * i + 1], ARGV[i + 3])
  all_stored = all_stored and outcomes[i] == STORED
end
if all_stored and ARGV[3] ~= '' then move_mark(KEYS[1], ARGV[3]) end
return outcomes
