import { Clock, type Timer } from '../clock.js';

interface Entry {
  readonly at: number;
  readonly task: () => void;
}

/** Time that passes only when told to. */
export class FakeClock extends Clock {
  #now: number;
  readonly #entries = new Set<Entry>();

  constructor(start = 1_800_000_000_000) {
    super();
    this.#now = start;
  }

  override now(): number {
    return this.#now;
  }

  override schedule(task: () => void, ms: number): Timer {
    const entry: Entry = { at: this.#now + Math.max(ms, 0), task };
    this.#entries.add(entry);
    return { cancel: () => this.#entries.delete(entry) };
  }

  /** Moves time by `ms`, running what falls due in order, and lets promises settle between. */
  async elapse(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await settle();
      const due = [...this.#entries].filter((entry) => entry.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.#entries.delete(due);
      this.#now = Math.max(this.#now, due.at);
      due.task();
    }
    this.#now = end;
    await settle();
  }

  /** How many tasks wait; a test's proof that nothing was left behind. */
  get pending(): number {
    return this.#entries.size;
  }
}

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
