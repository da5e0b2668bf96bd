import { RedisScript } from '@gw/redis';

/** Before the name of an instance: it leaves. No name begins with it. */
export const LEAVING = '~';

/**
 * One heartbeat.
 *
 * KEYS 1 the instances: a sorted set, instance → when it was last heard of, ms of Redis' own clock; one
 *        that leaves is there a second time, as LEAVING and its name
 * ARGV 1 the instance that lives; 2 milliseconds of silence after which one is removed; 3 "1": it leaves
 * Returns milliseconds since we were last heard of (-1: not known), then each instance, and how long it
 * has been silent, in milliseconds.
 */
export const beatScript = new RedisScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local before = redis.call('ZSCORE', KEYS[1], ARGV[1])
redis.call('ZADD', KEYS[1], string.format('%.0f', now), ARGV[1])
if ARGV[3] == '1' then
  redis.call('ZADD', KEYS[1], string.format('%.0f', now), '${LEAVING}' .. ARGV[1])
end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now - ARGV[2]))
redis.call('PEXPIRE', KEYS[1], ARGV[2])
local answer = { before and now - before or -1 }
local members = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
for i = 1, #members, 2 do
  answer[#answer + 1] = members[i]
  answer[#answer + 1] = now - members[i + 1]
end
return answer
`);

/**
 * KEYS 1 as above
 * ARGV 1 an instance
 * Returns how long it has been silent, in milliseconds; -1: not known.
 */
export const silenceScript = new RedisScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local score = redis.call('ZSCORE', KEYS[1], ARGV[1])
return score and math.max(now - score, 0) or -1
`);
