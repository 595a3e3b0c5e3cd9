-- Loads the sections of many customers in one call. KEYS: their states.
local states = {}
for i = 1, #KEYS do states[i] = redis.call('HGETALL', KEYS[i]) end
return states
