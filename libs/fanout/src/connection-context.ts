import { type ConnectionState } from '@gw/contract';
import { type Clock, type UserId } from '@gw/kernel';
import { type Journal } from '@gw/journal';
import { type Board, type ConnectionReport, type Instances, type Leases, type Taken } from '@gw/ownership';
import { type UpstreamSessions } from '@gw/upstream';
import { type BayeuxSessions } from './bayeux-sessions.js';
import { type FanoutEvents } from './fanout-events.js';

export interface ConnectionContext {
  readonly journal: Journal;
  readonly upstream: UpstreamSessions;
  readonly bayeux: BayeuxSessions;
  readonly instances: Instances;
  readonly leases: Leases;
  readonly board: Board;
  readonly clock: Clock;
  readonly events: FanoutEvents;
  readonly lingerMs: number;
  /** What could not be given back of this user is given back later. */
  readonly leftBehind: (user: UserId) => void;
}

/** By what right, and from where, a connection begins. */
export interface Ownership extends Taken {
  /** What the owner before us reported last. */
  readonly report: ConnectionReport | undefined;
}

export interface ConnectionListener {
  stateChanged(state: ConnectionState, reason?: string): void;
  /** Somebody else owns it now; we have stopped. */
  ownershipLost(): void;
}
