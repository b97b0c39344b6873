-- A node comes in, for the first time or again, with all that it knows.
-- KEYS: the prefix. ARGV: node, now, lease (ms), quiet (ms), settling (us), what names this entrance (and
-- the epoch, if there is none), the epoch that it knew, how many people were announced as far as it
-- knows, these, the grace (us), and then pairs of a person and a state: "on", or when they left.
local p, node, now = KEYS[1], ARGV[1], tonumber(ARGV[2])
local announced, dirty, nodes = p .. ':announced', p .. ':dirty', p .. ':nodes'
local mine, lease = p .. ':node:' .. node, p .. ':lease:' .. node
local known = tonumber(ARGV[8])
-- Until then every node has had time to come back, too.
local later = string.format('%.0f', now + tonumber(ARGV[5]))

local epoch = redis.call('GET', p .. ':epoch')
if not epoch then
  epoch = ARGV[6]
  redis.call('SET', p .. ':epoch', epoch)
end
if epoch ~= ARGV[7] then
  -- Redis has lost everything since, or the node is new and knows nobody: what it knows is what was.
  for i = 9, 8 + known do
    if redis.call('SADD', announced, ARGV[i]) == 1 then
      redis.call('ZADD', dirty, later, ARGV[i])
    end
  end
else
  -- Who was announced as far as only one of the two knows is looked at again.
  local differs = {}
  for _, user in ipairs(redis.call('SMEMBERS', announced)) do
    differs[user] = true
  end
  for i = 9, 8 + known do
    differs[ARGV[i]] = not differs[ARGV[i]] or nil
  end
  for user in pairs(differs) do
    redis.call('ZADD', dirty, later, user)
  end
end

-- While Redis was away, leases ended of nodes that live: nobody is taken for dead for a while.
local others = 0
for _, other in ipairs(redis.call('SMEMBERS', nodes)) do
  if other ~= node then
    others = others + redis.call('EXISTS', p .. ':lease:' .. other)
  end
end
if others == 0 or redis.call('SISMEMBER', nodes, node) == 1 then
  redis.call('SET', p .. ':quiet', '1', 'PX', ARGV[4])
end

for _, user in ipairs(redis.call('HKEYS', mine)) do
  redis.call('ZADD', dirty, later, user)
end
redis.call('DEL', mine)
for i = 10 + known, #ARGV, 2 do
  local user, state = ARGV[i], ARGV[i + 1]
  redis.call('HSET', mine, user, state)
  local due = 0
  if state ~= 'on' then
    due = string.format('%.0f', tonumber(state) + tonumber(ARGV[9 + known]))
  end
  redis.call('ZADD', dirty, due, user)
end
redis.call('SADD', nodes, node)
redis.call('SET', lease, ARGV[6], 'PX', ARGV[3])

local newest = redis.call('XREVRANGE', p .. ':log', '+', '-', 'COUNT', 1)
return { epoch, newest[1] and newest[1][1] or '0-0', redis.call('SMEMBERS', announced) }
