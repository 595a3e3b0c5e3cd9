-- On a cluster, keys of several slots cannot be declared: they come as the first arguments, ARGV[1]
-- says how many. The server still refuses those of slots that it does not serve.
local KEYS, ARGV = (function(flat)
  local keys, args, count = {}, {}, tonumber(flat[1])
  for i = 2, count + 1 do keys[i - 1] = flat[i] end
  for i = count + 2, #flat do args[i - count - 1] = flat[i] end
  return keys, args
end)(ARGV)
