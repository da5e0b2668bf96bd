import { type JournalEntry, type JournalListener } from '../journal.js';
import { type Position } from '../position.js';

/** A batch as it was told: everything after `before`, up to `last`. */
export interface ToldBatch {
  readonly epoch: string;
  readonly before: number;
  readonly last: number;
  /** Undefined when they were too big to be told. */
  readonly entries: () => readonly JournalEntry[] | undefined;
}

/**
 * What this instance has heard of one user's journal. A batch comes by two ways, from our own append and
 * from the channel, in any order: what is next is told, what was heard is dropped, everything else means
 * "look again".
 */
export class UserFeed {
  readonly #listeners = new Set<JournalListener>();
  /** What is after `#since`, up to here, was told, or "look again" was. */
  #heard: Position | undefined;
  #since = 0;
  #known: Position | undefined;
  #appending = 0;
  /** From the channel in this turn of the event loop, while an append was under way. */
  #overheard: ToldBatch[] | undefined;

  get isEmpty(): boolean {
    return this.#listeners.size === 0;
  }

  /** The furthest position that is proved to have been written, by a batch or a read. */
  get known(): Position | undefined {
    return this.#known;
  }

  know(position: Position): void {
    const known = this.#known;
    if (known?.epoch === position.epoch && known.sequence >= position.sequence) return;
    this.#known = position;
  }

  /** Returns how to stop, which is idempotent. */
  add(listener: JournalListener): () => void {
    // A wrapper of its own, so that one function may listen twice and stop once.
    const entry: JournalListener = (entries) => listener(entries);
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  }

  /** An append of our own begins, of which the channel will bring an echo. */
  appendBegun(): void {
    this.#appending += 1;
  }

  /** It was answered, or failed. */
  appendEnded(): void {
    this.#appending -= 1;
  }

  /**
   * From the channel. An echo of our own mostly comes in the same turn of the event loop as the answer, and before it: to
   * read all that is in it would be in vain, so the answer goes first.
   */
  overhear(batch: ToldBatch): void {
    if (this.#overheard) this.#overheard.push(batch);
    else if (this.#appending === 0) this.hear(batch);
    else {
      this.#overheard = [batch];
      setImmediate(() => this.#hearOverheard());
    }
  }

  #hearOverheard(): void {
    const overheard = this.#overheard ?? [];
    this.#overheard = undefined;
    for (const batch of overheard) this.hear(batch);
  }

  hear({ epoch, before, last, entries }: ToldBatch): void {
    const heard = this.#heard;
    const sameEpoch = heard?.epoch === epoch;
    this.know({ epoch, sequence: last });
    if (sameEpoch && last <= heard.sequence) {
      // Our own append was answered before this one of another instance came: it was not told.
      if (before < this.#since) this.lookAgain();
      this.#since = Math.min(this.#since, before);
      return;
    }
    if (!sameEpoch) this.#since = before;
    const isNext = heard === undefined || (sameEpoch && before === heard.sequence);
    this.#heard = { epoch, sequence: last };
    this.#tell((isNext ? entries() : undefined) ?? []);
  }

  /** Something may have been said that we did not hear. */
  lookAgain(): void {
    this.#tell([]);
  }

  #tell(entries: readonly JournalEntry[]): void {
    for (const listener of [...this.#listeners]) listener(entries);
  }
}
