import { RedisScript } from '@gw/redis';

const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

/**
 * KEYS: 1 the key's record, 2 the user's records by the time at which each is forgotten (ms since the epoch).
 * ARGV: 1 token, 2 sealed fingerprint, 3 how long the request may take (ms), 4 the window (ms), 5 most records
 * of a user, 6 name of the record in KEYS[2].
 * Returns {'claimed'}, {'full', ms until one is forgotten}, or of a record that is there already
 * {state, ms that it may go on running, sealed fingerprint, sealed answer or ''}.
 */
export const claimScript = new RedisScript(`${NOW}
local record = redis.call('HMGET', KEYS[1], 'state', 'until', 'fingerprint', 'answer')
if record[1] then
  return { record[1], string.format('%.0f', record[2] - now), record[3], record[4] or '' }
end
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
if redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[5]) then
  local oldest = redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')
  return { 'full', string.format('%.0f', oldest[2] - now) }
end
redis.call('HSET', KEYS[1], 'state', 'running', 'token', ARGV[1], 'fingerprint', ARGV[2],
  'until', string.format('%.0f', now + ARGV[3]))
redis.call('PEXPIRE', KEYS[1], ARGV[4])
redis.call('ZADD', KEYS[2], string.format('%.0f', now + ARGV[4]), ARGV[6])
redis.call('PEXPIRE', KEYS[2], ARGV[4])
return { 'claimed' }
`);

/**
 * KEYS: 1 the key's record. ARGV: 1 token, 2 'answered' or 'unknown', 3 sealed answer or ''.
 * The record keeps its expiry.
 */
export const settleScript = new RedisScript(`
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then return 0 end
return redis.call('HSET', KEYS[1], 'state', ARGV[2], 'answer', ARGV[3])
`);

/** KEYS: 1 the key's record, 2 the user's records. ARGV: 1 token, 2 name of the record in KEYS[2]. */
export const releaseScript = new RedisScript(`
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then return 0 end
redis.call('ZREM', KEYS[2], ARGV[2])
return redis.call('DEL', KEYS[1])
`);
