import { type ApiName } from '@gw/kernel';
import { type Holding, type JournalEntry, type NewEntry, type ReadResult } from '../journal.js';
import { type Position } from '../position.js';

interface Kept {
  readonly entry: JournalEntry;
  readonly appendedAt: number;
}

/** One user's entries: the newest `maxLength` of them, none older than `ttlMs`. */
export class UserLog {
  readonly #started = new Set<ApiName>();
  /** By API: the acknowledgement that the last batch followed, and how many notifications were stored since. */
  readonly #followed = new Map<ApiName, { readonly follows: string; readonly count: number }>();
  #kept: Kept[] = [];
  #sequence = 0;

  constructor(
    private readonly epoch: string,
    private readonly maxLength: number,
    private readonly ttlMs: number,
  ) {}

  get head(): Position {
    return { epoch: this.epoch, sequence: this.#sequence };
  }

  append(entries: readonly NewEntry[], now: number, holding?: Holding): JournalEntry[] {
    const written: JournalEntry[] = [];
    for (const entry of this.#withoutRepeats(entries, holding)) {
      const kept = this.#number(entry);
      if (kept) written.push(kept);
    }
    for (const entry of written) this.#kept.push({ entry, appendedAt: now });
    this.#trim(now);
    return written;
  }

  read(after: Position | undefined, now: number): ReadResult {
    const { head } = this;
    if (!after) return { kind: 'entries', entries: [], head };
    if (after.epoch !== head.epoch || after.sequence > head.sequence) {
      return { kind: 'gap', reason: 'epoch', head };
    }
    this.#trim(now);
    const missed = head.sequence - after.sequence;
    if (missed > this.#kept.length) return { kind: 'gap', reason: 'window', head };
    const entries = missed === 0 ? [] : this.#kept.slice(-missed).map(({ entry }) => entry);
    return { kind: 'entries', entries, head };
  }

  /** Nothing is left that a reader could be given. */
  isEmpty(now: number): boolean {
    this.#trim(now);
    return this.#kept.length === 0;
  }

  #withoutRepeats(entries: readonly NewEntry[], holding: Holding | undefined): readonly NewEntry[] {
    if (holding?.follows === undefined) return entries;
    const { api, follows } = holding;
    const before = this.#followed.get(api);
    const repeated = before?.follows === follows ? before.count : 0;
    let notifications = 0;
    const fresh = entries.filter(({ kind }) => {
      // What stands before a notification that is stored was stored with it.
      const isNew = notifications >= repeated;
      if (kind === 'notification') notifications += 1;
      return isNew;
    });
    this.#followed.set(api, { follows, count: Math.max(repeated, notifications) });
    return fresh;
  }

  #number(entry: NewEntry): JournalEntry | undefined {
    if (entry.kind === 'notification') {
      const { kind, api, channel, data, receivedAt } = entry;
      // Written out: a spread would make a hidden class for each entry, larger than most of them.
      return { kind, position: this.#next(), api, channel, data, receivedAt };
    }
    if (entry.kind === 'session-start' && !this.#started.has(entry.api)) {
      this.#started.add(entry.api);
      return undefined;
    }
    return { kind: 'gap', api: entry.api, position: this.#next() };
  }

  #next(): Position {
    this.#sequence += 1;
    return { epoch: this.epoch, sequence: this.#sequence };
  }

  #trim(now: number): void {
    const oldest = now - this.ttlMs;
    let drop = Math.max(this.#kept.length - this.maxLength, 0);
    while (drop < this.#kept.length && (this.#kept[drop]?.appendedAt ?? now) <= oldest) drop += 1;
    if (drop > 0) this.#kept = this.#kept.slice(drop);
  }
}
