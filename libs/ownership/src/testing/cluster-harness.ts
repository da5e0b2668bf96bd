import { type Board } from '../board.js';
import { type Instances } from '../instances.js';
import { type Leases } from '../leases.js';
import { type Locks } from '../locks.js';

/** One instance of a cluster under test. */
export interface Member {
  readonly instances: Instances;
  readonly leases: Leases;
  readonly locks: Locks;
  readonly board: Board;
  /** Ends without a word, as by SIGKILL. */
  die(): Promise<void>;
}

export interface ClusterHarness {
  /** Another instance, which knows those before it. */
  join(): Promise<Member>;
  close(): Promise<void>;
}

export type OpenCluster = () => Promise<ClusterHarness>;
