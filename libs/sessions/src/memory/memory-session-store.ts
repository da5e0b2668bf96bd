import { type Clock, GatewayError, type SessionId, type Soon, type UserId } from '@gw/kernel';
import { isOver, type Session } from '../session.js';
import { SessionStore } from '../session-store.js';

interface Entry {
  readonly session: Session;
  readonly until: number;
}

const DEFAULT_MAX_SESSIONS = 100_000;
const MAX_TOMBSTONES = 10_000;

/** Sessions of one process; they end with it. */
export class MemorySessionStore extends SessionStore {
  readonly #entries = new Map<SessionId, Entry>();
  readonly #byUser = new Map<UserId, Set<SessionId>>();
  /** Ids are never given twice, so a bounded memory of the removed is enough; the oldest goes. */
  readonly #tombstones = new Set<SessionId>();

  constructor(
    private readonly clock: Clock,
    private readonly maxSessions = DEFAULT_MAX_SESSIONS,
  ) {
    super();
  }

  override async create(session: Session, ttlMs: number): Promise<'created' | 'gone'> {
    if (this.#tombstones.has(session.id)) return 'gone';
    if (this.#entries.size >= this.maxSessions) this.#forgetDead();
    if (this.#entries.size >= this.maxSessions) {
      throw new GatewayError('sessions_full', 'unavailable', 'No more sessions fit; try again later');
    }
    this.#put(session, ttlMs);
    const ids = this.#byUser.get(session.user.id) ?? new Set();
    this.#byUser.set(session.user.id, ids.add(session.id));
    return Promise.resolve('created');
  }

  override load(id: SessionId): Soon<Session | undefined> {
    return this.#living(id);
  }

  override replace(
    session: Session,
    expectedVersion: number,
    ttlMs: number,
  ): Promise<'replaced' | 'conflict' | 'gone'> {
    const stored = this.#living(session.id);
    if (!stored) return Promise.resolve('gone');
    if (stored.version !== expectedVersion) return Promise.resolve('conflict');
    this.#put(session, ttlMs);
    return Promise.resolve('replaced');
  }

  override remove(id: SessionId): Promise<Session | undefined> {
    const session = this.#living(id);
    this.#forget(id);
    this.#bury(id);
    return Promise.resolve(session);
  }

  override ofUser(userId: UserId): Promise<Session[]> {
    const ids = [...(this.#byUser.get(userId) ?? [])];
    return Promise.resolve(ids.map((id) => this.#living(id)).filter((session) => session !== undefined));
  }

  override overdue(now: number, limit: number): Promise<Session[]> {
    const found: Session[] = [];
    for (const { session } of this.#entries.values()) {
      if (found.length === limit) break;
      if (isOver(session, now)) found.push(session);
    }
    return Promise.resolve(found);
  }

  #put(session: Session, ttlMs: number): void {
    this.#entries.set(session.id, { session, until: this.clock.now() + ttlMs });
  }

  #living(id: SessionId): Session | undefined {
    const entry = this.#entries.get(id);
    if (!entry || entry.until > this.clock.now()) return entry?.session;
    this.#forget(id);
    return undefined;
  }

  #forget(id: SessionId): void {
    const userId = this.#entries.get(id)?.session.user.id;
    if (userId === undefined) return;
    this.#entries.delete(id);
    const ids = this.#byUser.get(userId);
    ids?.delete(id);
    if (ids?.size === 0) this.#byUser.delete(userId);
  }

  #forgetDead(): void {
    for (const id of this.#entries.keys()) this.#living(id);
  }

  #bury(id: SessionId): void {
    this.#tombstones.add(id);
    if (this.#tombstones.size <= MAX_TOMBSTONES) return;
    const [oldest] = this.#tombstones;
    if (oldest !== undefined) this.#tombstones.delete(oldest);
  }
}
