import { type ApiName, type UserId } from '@gw/kernel';
import { type Board, type Lease, type Leases } from '@gw/ownership';
import { type FanoutEvents } from './fanout-events.js';

interface GiveBackContext {
  readonly leases: Leases;
  readonly board: Board;
  readonly events: FanoutEvents;
  readonly leftBehind: (user: UserId) => void;
}

/**
 * Gives a lease back. `keep`: the next owner goes on from what is stored. `forget`: the session is over, and nothing
 * of it stays. Never throws: what cannot be given back now is given back later.
 */
export async function giveBack(
  { leases, board, events, leftBehind }: GiveBackContext,
  user: UserId,
  api: ApiName,
  lease: Lease,
  then: 'keep' | 'forget',
): Promise<void> {
  try {
    if (then === 'forget') await board.report(user, api, lease, undefined);
    await leases.release(user, api, lease, then);
  } catch (error) {
    events.releaseFailed(user, api, error);
    leftBehind(user);
  }
}
