import { RedisScript } from '@gw/redis';
import { IF_HELD } from './lease-scripts.js';
import { USER_HEAD } from './user-keys.js';

const WHOLE_BOARD = `
return { redis.call('HGETALL', leases), redis.call('HGETALL', wishes), redis.call('HGETALL', reports) }
`;

/** Returns all leases, wishes and reports of the user, each as a list of field, value, field, … */
export const readScript = new RedisScript(`${USER_HEAD}${WHOLE_BOARD}`);

/**
 * ARGV 4 API; 5 JSON of the channels; empty: nothing is wanted
 * Returns as above, this wish included.
 */
export const wishScript = new RedisScript(`${USER_HEAD}
local field = ARGV[4] .. ' ' .. self
if (redis.call('HGET', wishes, field) or '') ~= ARGV[5] then
  if ARGV[5] == '' then redis.call('HDEL', wishes, field) else redis.call('HSET', wishes, field, ARGV[5]) end
  changed_by_us()
end
keep()
${WHOLE_BOARD}`);

/**
 * ARGV 4 the instance whose wishes are taken away
 * Returns whether we have more of the user.
 */
export const withdrawScript = new RedisScript(`${USER_HEAD}
for _, field in ipairs(redis.call('HKEYS', wishes)) do
  if string.match(field, ' (.+)$') == ARGV[4] then
    redis.call('HDEL', wishes, field)
    changed()
  end
end
return has_more()
`);

/**
 * ARGV 4 API; 5 the lease's value of who reports; 6 JSON of the report; empty: it is removed
 * Returns whether the lease is still held, whether we have more of the user.
 */
export const reportScript = new RedisScript(`${USER_HEAD}${IF_HELD}
if (redis.call('HGET', reports, ARGV[4]) or '') ~= ARGV[6] then
  if ARGV[6] == '' then redis.call('HDEL', reports, ARGV[4]) else redis.call('HSET', reports, ARGV[4], ARGV[6]) end
  changed_by_us()
end
keep()
return { 1, 1 }
`);
