-- A node comes in, for the first time or again, with all that it knows.
-- KEYS: the prefix. ARGV: node, now, lease (ms), quiet (ms), settling (us), what names this entrance (and
-- the epoch, if there is none), the epoch that it knew, the log entry that it knows last, how many people
-- were announced as far as it knows, these, the grace (us), and then pairs of a person and a state: "on",
-- or when they left.
local p, node, now = KEYS[1], ARGV[1], tonumber(ARGV[2])
local announced, dirty, nodes = p .. ':announced', p .. ':dirty', p .. ':nodes'
local mine, lease = p .. ':node:' .. node, p .. ':lease:' .. node
local log, last, whole = p .. ':log', ARGV[8], true
local known = tonumber(ARGV[9])
local first, rest = 10, 10 + known
-- Until then every node has had time to come back, too. Who is to be looked at already is not put off.
local later = string.format('%.0f', now + tonumber(ARGV[5]))

local epoch = redis.call('GET', p .. ':epoch')
if not epoch then
  epoch = ARGV[6]
  redis.call('SET', p .. ':epoch', epoch)
end
if epoch ~= ARGV[7] then
  -- Redis has lost everything since, or the node is new and knows nobody: what it knows is what was, but
  -- for those of whom more was found out since.
  whole = false
  local settled = {}
  for _, entry in ipairs(known > 0 and redis.call('XRANGE', log, '-', '+') or {}) do
    settled[string.sub(entry[2][2], 2)] = true
  end
  for i = first, rest - 1 do
    if not settled[ARGV[i]] and redis.call('SADD', announced, ARGV[i]) == 1 then
      redis.call('ZADD', dirty, 'NX', later, ARGV[i])
    end
  end
else
  whole = last == '0-0' or #redis.call('XRANGE', log, last, last) == 1
  -- Who was announced as far as only one of the two knows is looked at again.
  local differs = {}
  for _, user in ipairs(redis.call('SMEMBERS', announced)) do
    differs[user] = true
  end
  for i = first, rest - 1 do
    differs[ARGV[i]] = not differs[ARGV[i]] or nil
  end
  for user in pairs(differs) do
    redis.call('ZADD', dirty, 'NX', later, user)
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
  redis.call('ZADD', dirty, 'NX', later, user)
end
redis.call('DEL', mine)
for i = rest + 1, #ARGV, 2 do
  local user, state = ARGV[i], ARGV[i + 1]
  redis.call('HSET', mine, user, state)
  local due = 0
  if state ~= 'on' then
    due = string.format('%.0f', tonumber(state) + tonumber(ARGV[rest]))
  end
  redis.call('ZADD', dirty, due, user)
end
redis.call('SADD', nodes, node)
redis.call('SET', lease, ARGV[6], 'PX', ARGV[3])

local newest = redis.call('XREVRANGE', log, '+', '-', 'COUNT', 1)
newest = newest[1] and newest[1][1] or '0-0'
return { epoch, newest, whole and 1 or 0, redis.call('SMEMBERS', announced) }
