export { MemoryBoard } from './memory-board.js';
export { MemoryCluster } from './memory-cluster.js';
export { MemoryInstances } from './memory-instances.js';
export { MemoryLeases } from './memory-leases.js';
export { MemoryLocks } from './memory-locks.js';
