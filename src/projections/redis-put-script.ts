/**
 * Takes a snapshot unless a newer one is there, in one step. Ranks, which stand in the field position, are compared as decimal strings: Lua's numbers
 * end at 2^53. One that stays for longer (-1: for good) replaces the same position.
 *
 * Where it cannot be written (Redis is full), the older one goes: absent sends readers on to the next tier, and what
 * is outdated would be served for as long as Redis is full.
 *
 * KEYS[1] the snapshot; ARGV position, body, milliseconds to live or -1, mark or nothing. Returns 1 if it was taken, else 0.
 */
export const redisPutScript = `
local key, position, body, ttl = KEYS[1], ARGV[1], ARGV[2], tonumber(ARGV[3])
local known = redis.pcall('HGET', key, 'position')
if known == false then
  -- Nothing there. Nor is it deleted: after its first write a script is no longer told that Redis is full.
elseif type(known) ~= 'string' or not string.match(known, '^%d+$') then
  redis.pcall('DEL', key)
elseif known == position then
  local left = redis.call('PTTL', key)
  if left == -1 or (ttl ~= -1 and ttl <= left) then return 0 end
elseif #known > #position or (#known == #position and known > position) then
  return 0
end
local written = redis.pcall('HSET', key, 'position', position, 'body', body, 'mark', ARGV[4])
if type(written) == 'table' and written.err then
  redis.pcall('DEL', key)
  return written
end
if ttl == -1 then redis.call('PERSIST', key) else redis.call('PEXPIRE', key, ttl) end
return 1
`

/**
 * Takes away a snapshot that is not of this log, unless another one has taken its place.
 *
 * KEYS[1] the snapshot; ARGV position, mark.
 */
export const redisDropScript = `
if redis.call('HGET', KEYS[1], 'position') == ARGV[1] and redis.call('HGET', KEYS[1], 'mark') == ARGV[2] then
  redis.call('DEL', KEYS[1])
end
return 0
`
