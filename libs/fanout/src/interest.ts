import { type Clock, type Timer } from '@gw/kernel';

interface Held {
  holders: number;
  /** Sequence of the journal's head when listening began. */
  readonly since: number;
  ending: Timer | undefined;
}

/**
 * The channels of one API that clients of a user want, and since when. A channel that nobody wants any
 * more is kept for a while: whoever comes back in that time has missed nothing.
 */
export class Interest {
  readonly #held = new Map<string, Held>();

  constructor(
    private readonly lingerMs: number,
    private readonly clock: Clock,
    private readonly ended: (channel: string) => void,
  ) {}

  get channels(): string[] {
    return [...this.#held.keys()];
  }

  /** Whether `channel` was listened to ever since the journal's head was at `sequence`. */
  coversSince(channel: string, sequence: number): boolean {
    const held = this.#held.get(channel);
    return held !== undefined && held.since <= sequence;
  }

  hold(channel: string, headSequence: number): void {
    const held = this.#held.get(channel);
    if (!held) {
      this.#held.set(channel, { holders: 1, since: headSequence, ending: undefined });
      return;
    }
    held.holders += 1;
    held.ending?.cancel();
    held.ending = undefined;
  }

  release(channel: string): void {
    const held = this.#held.get(channel);
    if (!held) return;
    held.holders -= 1;
    if (held.holders > 0) return;
    held.ending = this.clock.schedule(() => {
      this.#held.delete(channel);
      this.ended(channel);
    }, this.lingerMs);
  }

  close(): void {
    for (const { ending } of this.#held.values()) ending?.cancel();
    this.#held.clear();
  }
}
