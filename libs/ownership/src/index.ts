export {
  Board,
  type BoardListener,
  type BoardView,
  type ConnectionReport,
  type ConnectionView,
} from './board.js';
export { Instances } from './instances.js';
export { Leases, USER_STATE_TTL_MS, type Claim, type Lease, type SavedState, type Taken } from './leases.js';
export { Locks } from './locks.js';
