import { RedisScript } from '@gw/redis';

/**
 * KEYS 1 the lock: a string, the token of who holds it
 * ARGV 1 our token; 2 how long it is ours from now, ms
 * Returns 1, or 0 when it is not ours any more.
 */
export const renewScript = new RedisScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
`);

/**
 * KEYS 1 as above
 * ARGV 1 our token
 */
export const unlockScript = new RedisScript(`
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
`);
