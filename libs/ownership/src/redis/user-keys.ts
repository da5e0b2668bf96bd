import { type InstanceId, type UserId } from '@gw/kernel';
import { type Keyspace } from '@gw/redis';
import { leasesKey, statesKey, USER_STATE_TTL_MS } from './lease-keys.js';

/** Where the board's messages of a user are told. */
export const boardChannel = (keys: Keyspace, user: UserId): string => keys.ofUser(user, 'board');

/** The KEYS of every script on a user; see `USER_HEAD`. */
export function userKeys(keys: Keyspace, user: UserId): string[] {
  return [
    leasesKey(keys, user),
    statesKey(keys, user),
    keys.ofUser(user, 'wishes'),
    keys.ofUser(user, 'reports'),
  ];
}

/** The first ARGV of every script on a user. */
export const userParameters = (keys: Keyspace, user: UserId, self: InstanceId): (string | number)[] => [
  USER_STATE_TTL_MS,
  boardChannel(keys, user),
  self,
];

/**
 * With this every script on a user begins.
 *
 * KEYS 1 leases: a hash, API → lease value; 2 states: a hash, API → sealed
 * state, `mark:` with API → its mark; 3 wishes: a hash,
 * API, blank, instance → JSON of channels; 4 reports: a hash, API → JSON of a report
 * ARGV 1 how long these are kept when nobody touches them, ms; 2 the channel of the user's board; 3 the
 * instance that asks
 */
export const USER_HEAD = `
local leases, states, wishes, reports = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local self = ARGV[3]

local function keep()
  for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ARGV[1]) end
end

local function changed()
  redis.call('PUBLISH', ARGV[2], '{"kind":"changed"}')
end

-- The same, of something that the instance that asks learns from the answer.
local function changed_by_us()
  redis.call('PUBLISH', ARGV[2], cjson.encode({ kind = 'changed', by = self }))
end

-- 1: the instance that asks has a lease or a wish of the user
local function has_more()
  for _, lease in ipairs(redis.call('HVALS', leases)) do
    if string.match(lease, ' (.+)$') == self then return 1 end
  end
  for _, field in ipairs(redis.call('HKEYS', wishes)) do
    if string.match(field, ' (.+)$') == self then return 1 end
  end
  return 0
end
`;
