export { boardContract } from './board.contract.js';
export { type ClusterHarness, type Member } from './cluster-harness.js';
export { instancesContract } from './instances.contract.js';
export { leasesContract } from './leases.contract.js';
export { locksContract } from './locks.contract.js';
