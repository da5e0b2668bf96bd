import { type ApiName, type UserId } from '@gw/kernel';
import { type Keyspace } from '@gw/redis';
import { type Lease } from '../leases.js';

// How leases lie in Redis: other adapters make their writes conditional on one, in the same script.

/** A hash in the user's slot: API name → `leaseValue` of who holds it. */
export const leasesKey = (keys: Keyspace, user: UserId): string => keys.ofUser(user, 'leases');

/** A hash in the user's slot: API name → the sealed state that the holder saved last. */
export const statesKey = (keys: Keyspace, user: UserId): string => keys.ofUser(user, 'states');

/** Equal only for one holding by one holder. */
export const leaseValue = ({ fencing, holder }: Lease): string => `${fencing} ${holder}`;

/** Under which states are sealed, by `Keyring`. */
export const stateContext = (user: UserId, api: ApiName): string => `state:${user}:${api}`;
