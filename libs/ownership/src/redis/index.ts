export {
  leasesKey,
  leaseValue,
  parseLease,
  stateContext,
  statesKey,
  USER_STATE_TTL_MS,
} from './lease-keys.js';
export { RedisBoard, type RedisBoardOptions } from './redis-board.js';
export { RedisInstances, type RedisInstancesOptions } from './redis-instances.js';
export { RedisLeases } from './redis-leases.js';
export { RedisLocks, type RedisLocksOptions } from './redis-locks.js';
