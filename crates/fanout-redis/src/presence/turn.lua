-- A node's turn, about once a second: says who came and went there, and learns who did anywhere.
-- KEYS: the prefix. ARGV: node, now, grace (us), lease (ms), its epoch, the log entry that it knows
-- last, how many of its changes it has announced since, how much to do at most, its entrance, and then
-- pairs of a person and a state: "on", or when they left.
local p, node, now, grace = KEYS[1], ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local announced, dirty, nodes = p .. ':announced', p .. ':dirty', p .. ':nodes'
local mine, claims, lease = p .. ':node:' .. node, p .. ':claims:' .. node, p .. ':lease:' .. node
local limit = tonumber(ARGV[8])

if redis.call('GET', p .. ':epoch') ~= ARGV[5] or redis.call('GET', lease) ~= ARGV[9] then
  -- Redis has lost everything, or the lease has ended; or this was said before the node entered anew,
  -- and was under way for long.
  return { 'enter' }
end
redis.call('PEXPIRE', lease, ARGV[4])
if ARGV[7] ~= '0' then
  redis.call('LTRIM', claims, ARGV[7], -1)
end
for i = 10, #ARGV, 2 do
  local user, state = ARGV[i], ARGV[i + 1]
  redis.call('HSET', mine, user, state)
  redis.call('ZADD', dirty, '0', user)
end

-- Whose lease has ended is dead; this node takes over what it left.
local hashes, dead = {}, 0
local quiet = redis.call('EXISTS', p .. ':quiet') == 1
for _, other in ipairs(redis.call('SMEMBERS', nodes)) do
  local hash = p .. ':node:' .. other
  if quiet or redis.call('EXISTS', p .. ':lease:' .. other) == 1 then
    hashes[#hashes + 1] = hash
  else
    for _, user in ipairs(redis.call('HKEYS', hash)) do
      redis.call('ZADD', dirty, 0, user)
    end
    local theirs = p .. ':claims:' .. other
    for _, claim in ipairs(redis.call('LRANGE', theirs, 0, -1)) do
      redis.call('RPUSH', claims, claim)
    end
    redis.call('DEL', hash, theirs)
    redis.call('SREM', nodes, other)
    dead = dead + 1
  end
end

local function announce(change, is_change, is_told)
  if is_change then
    redis.call('RPUSH', claims, change)
  end
  if is_change or is_told then
    redis.call('XADD', p .. ':log', 'MAXLEN', '~', 65536, '*', 'u', change, 'at', ARGV[2])
  end
end

local due = redis.call('ZRANGEBYSCORE', dirty, '-inf', ARGV[2], 'LIMIT', 0, limit)
for _, user in ipairs(due) do
  local online, left = false, nil
  for _, hash in ipairs(hashes) do
    local state = redis.call('HGET', hash, user)
    if state == 'on' then
      online = true
    elseif state and (not left or tonumber(state) > left) then
      left = tonumber(state)
    end
  end
  if not online and left and left + grace > now then
    -- Within the grace they are here, even if nobody was told yet: somebody may have asked.
    announce('+' .. user, redis.call('SADD', announced, user) == 1, false)
    redis.call('ZADD', dirty, string.format('%.0f', left + grace), user)
  else
    redis.call('ZREM', dirty, user)
    if not online then
      for _, hash in ipairs(hashes) do
        redis.call('HDEL', hash, user)
      end
    end
    local changed = redis.call(online and 'SADD' or 'SREM', announced, user) == 1
    local untold = redis.call('SREM', p .. ':untold', user) == 1
    announce((online and '+' or '-') .. user, changed, untold)
  end
end

local news, last = {}, ARGV[6]
for _, entry in ipairs(redis.call('XRANGE', p .. ':log', '(' .. last, '+')) do
  last = entry[1]
  news[#news + 1] = entry[2][2] .. '@' .. entry[2][4]
end
return { 'ok', last, redis.call('LRANGE', claims, 0, -1), news, #due, dead }
