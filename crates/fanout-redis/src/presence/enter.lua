-- A node comes in, for the first time or again, with all that it knows.
-- KEYS: the prefix. ARGV: node, now, lease (ms), quiet (ms), settling (us), what names this entrance (and
-- the epoch, if there is none), the epoch that it knew, how many people were announced as far as it knows,
-- these, the grace (us), and then pairs of a person and a state: "on", or when they left.
local p, node, now = KEYS[1], ARGV[1], tonumber(ARGV[2])
local announced, dirty, untold, nodes = p .. ':announced', p .. ':dirty', p .. ':untold', p .. ':nodes'
local mine, lease = p .. ':node:' .. node, p .. ':lease:' .. node
local log = p .. ':log'
local first, rest = 9, 9 + tonumber(ARGV[8])
-- Until then every node has had time to come back, too. Who is to be looked at already is not put off.
local later = string.format('%.0f', now + tonumber(ARGV[5]))

local epoch = redis.call('GET', p .. ':epoch')
if not epoch then
  epoch = ARGV[6]
  redis.call('SET', p .. ':epoch', epoch)
end
local is_first, is_same = ARGV[7] == '', epoch == ARGV[7]
local there = redis.call('SMEMBERS', nodes)

-- Not all nodes know who was announced, and no log says so: what comes of the next look at that person
-- is told in any case. A look is worth something when the nodes are back. Since Redis lost everything
-- only those have said anything that are, so who is connected to one of them is looked at at once.
local function doubt(user)
  redis.call('SADD', untold, user)
  redis.call('ZADD', dirty, 'NX', later, user)
  for _, other in ipairs(is_same and {} or there) do
    if redis.call('HGET', p .. ':node:' .. other, user) == 'on' then
      redis.call('ZADD', dirty, 0, user)
    end
  end
end

local known = {}
for i = first, rest - 1 do
  known[ARGV[i]] = true
end
if not is_same then
  -- Redis has lost everything since, or the node is new and knows nobody: what it knows is what was, but
  -- for those of whom more was found out since.
  local settled = {}
  for _, entry in ipairs(rest > first and redis.call('XRANGE', log, '-', '+') or {}) do
    settled[string.sub(entry[2][2], 2)] = true
  end
  for user in pairs(known) do
    if not settled[user] and redis.call('SADD', announced, user) == 1 then
      doubt(user)
    end
  end
end
if not is_first then
  for _, user in ipairs(redis.call('SMEMBERS', announced)) do
    if not known[user] then
      doubt(user)
    end
    known[user] = nil
  end
  for user in pairs(known) do
    doubt(user)
  end
end

-- While Redis was away, leases ended of nodes that live: nobody is taken for dead for a while.
local others = 0
for _, other in ipairs(there) do
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
return { epoch, newest, redis.call('SMEMBERS', announced) }
