import { type ApiName, asInstanceId, type UserId } from '@gw/kernel';
import { type Keyspace } from '@gw/redis';
import { type Lease } from '../leases.js';

export { USER_STATE_TTL_MS } from '../leases.js';

// How leases lie in Redis: other adapters make their writes conditional on one, in the same script.

/** A hash in the user's slot: API name → `leaseValue` of who holds it. */
export const leasesKey = (keys: Keyspace, user: UserId): string => keys.ofUser(user, 'leases');

/** A hash in the user's slot, of what holders saved last: API name → the sealed state, `mark:` with it → its mark. */
export const statesKey = (keys: Keyspace, user: UserId): string => keys.ofUser(user, 'states');

/** Equal only for one holding by one holder. */
export const leaseValue = ({ fencing, holder }: Lease): string => `${fencing} ${holder}`;

/** Under which states are sealed, by `Keyring`. */
export const stateContext = (user: UserId, api: ApiName): string => `state:${user}:${api}`;

/** Undefined: no lease of ours. */
export function parseLease(value: string): Lease | undefined {
  const [, fencing, holder] = /^(\d{1,16}) (\S+)$/u.exec(value) ?? [];
  return holder === undefined ? undefined : { holder: asInstanceId(holder), fencing: Number(fencing) };
}
