-- Reads of many customers which segment they are in, and when that was found. KEYS: their profiles.
-- Returns msgpack: [[segment, as_of], ...], false for what is not there
local found = {}
for i = 1, #KEYS do found[i] = redis.call('HMGET', KEYS[i], 'segment', 'as_of') end
return cmsgpack.pack(found)
