import { asInstanceId, SystemClock } from '@gw/kernel';
import {
  boardContract,
  type ClusterHarness,
  instancesContract,
  leasesContract,
  locksContract,
} from '../testing/index.js';
import { MemoryBoard } from './memory-board.js';
import { MemoryCluster } from './memory-cluster.js';
import { MemoryInstances } from './memory-instances.js';
import { MemoryLeases } from './memory-leases.js';
import { MemoryLocks } from './memory-locks.js';

function open(): Promise<ClusterHarness> {
  const cluster = new MemoryCluster(new SystemClock());
  let members = 0;
  return Promise.resolve({
    join: async () => {
      members += 1;
      const instances = new MemoryInstances(asInstanceId(`instance-${members}`), cluster);
      await instances.start();
      const leases = new MemoryLeases(instances);
      const locks = new MemoryLocks(cluster);
      return { instances, leases, locks, board: new MemoryBoard(leases), die: () => instances.close() };
    },
    close: () => Promise.resolve(),
  });
}

instancesContract('memory', open);
leasesContract('memory', open);
locksContract('memory', open);
boardContract('memory', open);
