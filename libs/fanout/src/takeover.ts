import { type InstanceId, type UserId } from '@gw/kernel';
import { type Board } from '@gw/ownership';

/** Users taken from the dead, and gone on with, at a time: no event loop stalls over them, and the next survivor finds the rest. */
const BATCH = 50;

/**
 * After an instance died or left: takes what it left on the board away, and goes on with its users' CometD
 * sessions. All survivors do so at the same time, each for its share.
 */
export class Takeover {
  #isClosed = false;

  constructor(
    private readonly board: Board,
    private readonly adopt: (user: UserId) => Promise<void>,
    private readonly failed: (user: UserId | undefined, error: unknown) => void,
  ) {}

  close(): void {
    this.#isClosed = true;
  }

  /** Never throws. Resolves when nothing is left behind by `instance`. */
  async of(instance: InstanceId): Promise<void> {
    try {
      for (;;) {
        const users = this.#isClosed ? [] : await this.board.inherit(instance, BATCH);
        if (users.length === 0) return;
        await atOnce(users, BATCH, (user) => this.#goOn(user, instance));
      }
    } catch (error) {
      this.failed(undefined, error);
    }
  }

  async #goOn(user: UserId, instance: InstanceId): Promise<void> {
    try {
      await Promise.all([this.board.withdraw(user, instance), this.adopt(user)]);
    } catch (error) {
      this.failed(user, error);
    }
  }
}

/** Runs `task` for each item, `limit` of them at a time. */
export async function atOnce<T>(
  items: readonly T[],
  limit: number,
  task: (item: T) => Promise<void>,
): Promise<void> {
  const left = [...items];
  const work = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await task(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, work));
}
