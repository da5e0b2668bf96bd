export { Board, type BoardListener, type BoardView, type ConnectionReport, type ConnectionView } from './board.js';
export { Instances } from './instances.js';
export { Leases, type Claim, type Lease } from './leases.js';
export { Locks } from './locks.js';
