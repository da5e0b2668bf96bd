import { RedisScript } from '@gw/redis';

// A session is a hash: `version`, `record` (sealed); or only `gone`, after its end.

/**
 * KEYS 1 session; ARGV 1 version, 2 record, 3 time to live, ms
 * Returns 1, or 0 when a session of this id has ended before.
 */
export const createScript = new RedisScript(`
if redis.call('HEXISTS', KEYS[1], 'gone') == 1 then return 0 end
redis.call('HSET', KEYS[1], 'version', ARGV[1], 'record', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
`);

/**
 * KEYS 1 session; ARGV 1 version, 2 record, 3 time to live, ms, 4 the version that must be there
 * Returns \`replaced\`, \`conflict\` or \`gone\`.
 */
export const replaceScript = new RedisScript(`
local version = redis.call('HGET', KEYS[1], 'version')
if not version then return 'gone' end
if version ~= ARGV[4] then return 'conflict' end
redis.call('HSET', KEYS[1], 'version', ARGV[1], 'record', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 'replaced'
`);

/**
 * KEYS 1 session; ARGV 1 how long the tombstone stays, ms
 * Returns the record, to the first who asks.
 */
export const removeScript = new RedisScript(`
local record = redis.call('HGET', KEYS[1], 'record')
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'gone', 1)
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return record
`);
