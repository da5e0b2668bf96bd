import { type Clock, type Timer } from '@gw/kernel';

interface Listened {
  /** Sequence of the journal's head when listening began. */
  readonly since: number;
  /** The upstream has answered, or will be asked with everything else at the next connection. */
  settled: boolean;
  ending: Timer | undefined;
}

/**
 * The channels of one API that clients of a user want, wherever they are, and since when. A channel that
 * nobody wants any more is kept for a while: whoever comes back in that time has missed nothing.
 */
export class Interest {
  readonly #listened = new Map<string, Listened>();

  constructor(
    private readonly lingerMs: number,
    private readonly clock: Clock,
    private readonly ended: (channel: string) => void,
  ) {}

  get channels(): string[] {
    return [...this.#listened.keys()];
  }

  /** Since when each channel is listened to; without those that the upstream has yet to answer for. */
  get coverage(): Record<string, number> {
    const settled = [...this.#listened].filter(([, { settled }]) => settled);
    return Object.fromEntries(settled.map(([channel, { since }]) => [channel, since]));
  }

  /** Whether `channel` was listened to ever since the journal's head was at `sequence`. */
  coversSince(channel: string, sequence: number): boolean {
    const listened = this.#listened.get(channel);
    return listened !== undefined && listened.since <= sequence;
  }

  /** What somebody before us listened to, and nobody may want any more. */
  restore(coverage: Readonly<Record<string, number>>): void {
    for (const [channel, since] of Object.entries(coverage)) {
      this.#listened.set(channel, { since, settled: true, ending: undefined });
    }
  }

  /** These are wanted from now on, and no others; returns those that were not listened to before. */
  want(channels: ReadonlySet<string>, headSequence: number): string[] {
    for (const [channel, listened] of this.#listened) {
      if (channels.has(channel)) keep(listened);
      else this.#linger(channel, listened);
    }
    const begun = [...channels].filter((channel) => !this.#listened.has(channel));
    for (const channel of begun) {
      this.#listened.set(channel, { since: headSequence, settled: false, ending: undefined });
    }
    return begun;
  }

  settle(channel: string): void {
    const listened = this.#listened.get(channel);
    if (listened) listened.settled = true;
  }

  close(): void {
    for (const { ending } of this.#listened.values()) ending?.cancel();
    this.#listened.clear();
  }

  #linger(channel: string, listened: Listened): void {
    listened.ending ??= this.clock.schedule(() => {
      this.#listened.delete(channel);
      this.ended(channel);
    }, this.lingerMs);
  }
}

function keep(listened: Listened): void {
  listened.ending?.cancel();
  listened.ending = undefined;
}
