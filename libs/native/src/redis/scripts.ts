import { RedisScript } from '@gw/redis';

// A code is a hash: `session`, and until it is redeemed `grant` (sealed).

/**
 * KEYS 1 code; ARGV 1 session, 2 grant, 3 time to live, ms
 */
export const putCodeScript = new RedisScript(`
redis.call('HSET', KEYS[1], 'session', ARGV[1], 'grant', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
`);

/**
 * KEYS 1 code; ARGV 1 how long it is remembered, once redeemed, ms
 * Returns { session, grant } to the first who asks, { session } to the others, or nothing.
 */
export const redeemCodeScript = new RedisScript(`
local session = redis.call('HGET', KEYS[1], 'session')
if not session then return {} end
local grant = redis.call('HGET', KEYS[1], 'grant')
if not grant then return { session } end
redis.call('HDEL', KEYS[1], 'grant')
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return { session, grant }
`);

// A family is a hash: `session`, and `token`, the hash of the living refresh token.

/**
 * KEYS 1 family; ARGV 1 session, 2 token, 3 time to live, ms
 */
export const beginFamilyScript = new RedisScript(`
redis.call('HSET', KEYS[1], 'session', ARGV[1], 'token', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
`);

/**
 * KEYS 1 family; ARGV 1 the token that must be the living one, 2 the next
 * Returns \`rotated\`, \`spent\` or \`gone\`.
 */
export const rotateScript = new RedisScript(`
local token = redis.call('HGET', KEYS[1], 'token')
if not token then return 'gone' end
if token ~= ARGV[1] then return 'spent' end
redis.call('HSET', KEYS[1], 'token', ARGV[2])
return 'rotated'
`);

/**
 * KEYS 1 the number of a session's newest socket; ARGV 1 time to live, ms
 * Returns the next number.
 */
export const claimScript = new RedisScript(`
local number = redis.call('INCR', KEYS[1])
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return number
`);
