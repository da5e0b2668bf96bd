import { RedisScript } from '@gw/redis';
import { USER_HEAD } from './user-keys.js';

/** As the expected value of a lease: whatever it is. */
export const WHOEVER = '*';

/**
 * Takes a lease. Its fencing number is the time in microseconds, so that it grows also where the last one
 * has been forgotten; a clock that was set back does not make it smaller than the last one known.
 *
 * ARGV 4 API; 5 the lease's value that is expected; empty: nobody's; WHOEVER
 * Returns whether it was taken, the lease's value now, whether we have more of the user, the sealed state, its mark.
 */
export const takeScript = new RedisScript(`${USER_HEAD}
local current = redis.call('HGET', leases, ARGV[4]) or ''
if ARGV[5] ~= '${WHOEVER}' and ARGV[5] ~= current then
  return { 0, current, has_more() }
end
local time = redis.call('TIME')
local last = tonumber(string.match(current, '^%d+') or '0')
local fencing = math.max(time[1] * 1000000 + time[2], last + 1)
local lease = string.format('%.0f', fencing) .. ' ' .. self
redis.call('HSET', leases, ARGV[4], lease)
keep()
changed_by_us()
return { 1, lease, 1, unpack(redis.call('HMGET', states, ARGV[4], 'mark:' .. ARGV[4])) }
`);

/** What the scripts below begin with: nothing is done for one who has not the lease. ARGV 4 API; 5 its lease's value. */
export const IF_HELD = `
if redis.call('HGET', leases, ARGV[4]) ~= ARGV[5] then return { 0, has_more() } end
`;

/** Returns whether the lease is still held, whether we have more of the user. */
export const confirmScript = new RedisScript(`${USER_HEAD}${IF_HELD}
keep()
return { 1, 1 }
`);

/**
 * ARGV 6 the sealed state; 7 its mark, empty for none
 * Returns as above.
 */
export const saveScript = new RedisScript(`${USER_HEAD}${IF_HELD}
redis.call('HSET', states, ARGV[4], ARGV[6], 'mark:' .. ARGV[4], ARGV[7])
keep()
return { 1, 1 }
`);

/**
 * ARGV 6 "keep" or "forget" what is saved
 * Returns as above.
 */
export const releaseScript = new RedisScript(`${USER_HEAD}${IF_HELD}
redis.call('HDEL', leases, ARGV[4])
if ARGV[6] == 'forget' then redis.call('HDEL', states, ARGV[4], 'mark:' .. ARGV[4]) end
keep()
changed()
return { 1, has_more() }
`);
