import { type Clock, type Timer, type UserId } from '@gw/kernel';
import { type Board, type Instances, type Leases } from '@gw/ownership';
import { type FanoutEvents } from './fanout-events.js';

const AGAIN_MS = 1_000;

/** When there are more, the oldest are forgotten: what is on the board of them disappears with its time. */
const MOST_USERS = 100_000;

export interface LeftoversContext {
  readonly board: Board;
  readonly leases: Leases;
  readonly instances: Instances;
  readonly clock: Clock;
  readonly events: FanoutEvents;
}

/**
 * Users whom this instance has let go of while it could not say so: leases, wishes and reports of it are still on the
 * board, and as it lives, the others believe in them and wait for it. They are taken away as soon as that is possible.
 */
export class Leftovers {
  readonly #users = new Set<UserId>();
  #again: Timer | undefined;
  #closed = false;

  constructor(
    private readonly context: LeftoversContext,
    /** Somebody has come back: what is on the board is looked after. */
    private readonly isHeld: (user: UserId) => boolean,
  ) {}

  note(user: UserId): void {
    if (this.#closed) return;
    const [oldest] = this.#users;
    if (this.#users.size >= MOST_USERS && oldest !== undefined) this.#users.delete(oldest);
    this.#users.add(user);
    this.#again ??= this.#later();
  }

  /** Whoever finds this instance gone takes the rest away. */
  close(): void {
    this.#closed = true;
    this.#again?.cancel();
  }

  #later(): Timer {
    return this.context.clock.schedule(() => {
      void this.#giveAllBack().finally(() => {
        this.#again = this.#users.size > 0 && !this.#closed ? this.#later() : undefined;
      });
    }, AGAIN_MS);
  }

  /** One after the other: while the shared state is away, that is one attempt for all of them. */
  async #giveAllBack(): Promise<void> {
    for (const user of [...this.#users]) {
      try {
        if (!this.isHeld(user)) await this.#giveBack(user);
        this.#users.delete(user);
      } catch (error) {
        this.context.events.boardFailed(user, error);
        return;
      }
    }
  }

  async #giveBack(user: UserId): Promise<void> {
    const { board, leases, instances } = this.context;
    for (const [api, { lease }] of await board.read(user)) {
      if (lease?.holder !== instances.self) continue;
      await board.report(user, api, lease, undefined);
      // Nobody has polled it for a while: the next owner begins anew.
      await leases.release(user, api, lease, 'forget');
    }
    // Who comes meanwhile sees that its wish is gone, and puts it back.
    await board.withdraw(user, instances.self);
  }
}
