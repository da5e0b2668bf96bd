import { type Clock, GatewayError, type SessionId, type Soon } from '@gw/kernel';
import { type Session } from './session.js';
import { type SessionChange } from './session-feed.js';
import { type SessionStore } from './session-store.js';

/** A copy is looked up anew after this long, even if no change of it was told, in milliseconds. */
const MAX_AGE_MS = 30_000;

/** Out of touch for longer, an end could have passed us by: nothing is served any more, in milliseconds. */
export const TRUSTED_WITHOUT_CONTACT_MS = 10_000;

const MAX_REMEMBERED = 10_000;

interface Copy {
  readonly session: Session;
  readonly readAt: number;
}

/**
 * Copies of the sessions that were just used, so that a request costs no reading and no opening of seals.
 * What has ended is never served again, also not by a read that began before the end was told. Bounded:
 * the copies that were read longest ago go first.
 */
export class SessionCache {
  readonly #copies = new Map<SessionId, Copy>();
  readonly #ended = new Set<SessionId>();
  /** The versions that copies must have at least. */
  readonly #versions = new Map<SessionId, number>();

  constructor(
    private readonly store: SessionStore,
    private readonly clock: Clock,
    /** How long ago the shared state was last in touch with us, in milliseconds. */
    private readonly contactLostMs: () => number,
    private readonly maxCopies = 20_000,
  ) {}

  /** @throws {GatewayError} `state_unavailable`: not "there is no session". */
  load(id: SessionId, maxAgeMs = MAX_AGE_MS): Soon<Session | undefined> {
    const isInTouch = this.contactLostMs() <= TRUSTED_WITHOUT_CONTACT_MS;
    const copy = isInTouch ? this.#copies.get(id) : undefined;
    if (copy && this.clock.now() - copy.readAt < maxAgeMs) return copy.session;
    if (!isInTouch) return Promise.reject(outOfTouch());
    return copy ? this.#readAgain(id, copy) : this.loadFresh(id);
  }

  /** Straight from the store. */
  async loadFresh(id: SessionId): Promise<Session | undefined> {
    const readAt = this.clock.now();
    const session = await this.store.load(id);
    if (!session || this.#ended.has(id)) {
      this.#copies.delete(id);
      return undefined;
    }
    this.keep(session, readAt);
    return session;
  }

  /** What was just written or read. */
  keep(session: Session, readAt = this.clock.now()): void {
    const { id, version } = session;
    if (this.#ended.has(id) || version < (this.#versions.get(id) ?? 0)) return;
    this.#copies.delete(id);
    this.#copies.set(id, { session, readAt });
    if (this.#copies.size > this.maxCopies) dropOldest(this.#copies);
  }

  /** What was told on the feed. */
  hear(change: SessionChange): void {
    const { id } = change;
    if (change.kind === 'ended') {
      this.#copies.delete(id);
      this.#ended.add(id);
      if (this.#ended.size > MAX_REMEMBERED) dropOldest(this.#ended);
      return;
    }
    this.#versions.delete(id);
    this.#versions.set(id, change.version);
    if (this.#versions.size > MAX_REMEMBERED) dropOldest(this.#versions);
    const copy = this.#copies.get(id);
    if (copy && copy.session.version < change.version) this.#copies.delete(id);
  }

  /** Changes may have been missed: every copy is looked up before it is used again, if that can be done. */
  doubt(): void {
    for (const [id, { session }] of this.#copies) this.#copies.set(id, { session, readAt: -Infinity });
  }

  /** An outage does not take a session away that was there a moment ago. */
  async #readAgain(id: SessionId, copy: Copy): Promise<Session | undefined> {
    try {
      return await this.loadFresh(id);
    } catch (error) {
      const isOutage = error instanceof GatewayError && error.code === 'state_unavailable';
      if (isOutage && this.#copies.get(id) === copy) return copy.session;
      throw error;
    }
  }
}

function dropOldest<Key>(from: Map<Key, unknown> | Set<Key>): void {
  const [oldest] = from.keys();
  if (oldest !== undefined) from.delete(oldest);
}

function outOfTouch(): GatewayError {
  return new GatewayError('state_unavailable', 'unavailable', 'the shared state cannot be reached');
}
