import { randomBytes } from 'node:crypto';
import { type Clock, type UserId } from '@gw/kernel';
import { type MemoryLeases } from '@gw/ownership/memory';
import {
  type Holding,
  Journal,
  type JournalListener,
  type Listening,
  type NewEntry,
  type ReadResult,
} from '../journal.js';
import { ownershipLost } from '../journal-errors.js';
import { type Position } from '../position.js';
import { UserLog } from './user-log.js';

export interface MemoryJournalOptions {
  /** Most entries kept for one user. */
  readonly maxLength: number;
  /** How long an entry is kept, in milliseconds. */
  readonly ttlMs: number;
}

interface UserRecord {
  readonly log: UserLog;
  readonly listeners: Set<JournalListener>;
  usedAt: number;
}

/** The journal of a single instance: gone with the process, which the epoch tells to clients. */
export class MemoryJournal extends Journal {
  readonly #users = new Map<UserId, UserRecord>();
  #sweptAt: number;

  constructor(
    private readonly options: MemoryJournalOptions,
    private readonly clock: Clock,
    private readonly leases: MemoryLeases,
  ) {
    super();
    this.#sweptAt = clock.now();
  }

  override async append(user: UserId, entries: readonly NewEntry[], holding?: Holding): Promise<void> {
    if (holding && !this.leases.admits(user, holding.api, holding.lease, holding.saved))
      throw ownershipLost();
    const record = this.#record(user);
    const written = record.log.append(entries, this.clock.now(), holding);
    if (written.length > 0) for (const listener of [...record.listeners]) listener(written);
    return Promise.resolve();
  }

  override read(user: UserId, after: Position | undefined): Promise<ReadResult> {
    return Promise.resolve(this.#record(user).log.read(after, this.clock.now()));
  }

  override listen(user: UserId, listener: JournalListener): Promise<Listening> {
    const { listeners } = this.#record(user);
    // A wrapper of its own, so that one function may listen twice and stop once.
    const entry: JournalListener = (entries) => listener(entries);
    listeners.add(entry);
    return Promise.resolve({ stop: () => listeners.delete(entry) });
  }

  #record(user: UserId): UserRecord {
    const now = this.clock.now();
    this.#sweep(now);
    let record = this.#users.get(user);
    if (!record) {
      const { maxLength, ttlMs } = this.options;
      const log = new UserLog(randomBytes(9).toString('base64url'), maxLength, ttlMs);
      record = { log, listeners: new Set(), usedAt: now };
      this.#users.set(user, record);
    }
    record.usedAt = now;
    return record;
  }

  /** Forgets users of whom nothing is kept and to whom nobody listens; at most once per `ttlMs`. */
  #sweep(now: number): void {
    const { ttlMs } = this.options;
    if (now - this.#sweptAt < ttlMs) return;
    this.#sweptAt = now;
    for (const [user, record] of this.#users) {
      if (record.listeners.size === 0 && now - record.usedAt >= ttlMs && record.log.isEmpty(now)) {
        this.#users.delete(user);
      }
    }
  }
}
