import { after, type Clock, type SessionId, type Soon, type UserId } from '@gw/kernel';
import {
  endOf,
  endReasonOf,
  isOver,
  type Session,
  type SessionEndReason,
  type SessionUser,
  type TokenSet,
} from './session.js';
import { SessionCache, TRUSTED_WITHOUT_CONTACT_MS } from './session-cache.js';
import { type SessionChange, type SessionFeed } from './session-feed.js';
import { looksLikeSessionSecret, newSessionSecret, sessionIdOf } from './session-secret.js';
import { type SessionStore } from './session-store.js';
import { SessionSweep, SWEEP_INTERVAL_MS } from './session-sweep.js';
import { type SessionListener, SessionWatches } from './session-watches.js';
import { SessionsEvents } from './sessions-events.js';

export interface SessionLimits {
  readonly idleTtlMs: number;
  readonly maxTtlMs: number;
}

/** What instances share beside the store; absent, this process is alone with it. */
export interface SharedSessions {
  readonly feed: SessionFeed;
  /** How long ago the shared state was last in touch with us, in milliseconds. */
  readonly contactLostMs: () => number;
  /** Calls back when the shared state, or we, may have lost something. Returns how to stop. */
  readonly onRejoined: (listener: () => void) => () => void;
}

export interface Login {
  readonly user: SessionUser;
  readonly tokens: TokenSet;
  readonly device: string;
  readonly client?: string | undefined;
  readonly supersedes?: SessionId | undefined;
}

export type TokenReplacement =
  | { readonly kind: 'replaced'; readonly session: Session }
  /** Somebody else wrote other tokens first; theirs stand. */
  | { readonly kind: 'superseded'; readonly session: Session }
  | { readonly kind: 'gone' };

export type EndListener = (session: Session, reason: SessionEndReason) => void;

/** A touch is written this often within an idle time, not at each request. */
const TOUCHES_PER_IDLE_TTL = 20;
/** Stored entries outlive their session a little, so that the sweep finds them and announces the end. */
const STORAGE_GRACE_MS = 10 * SWEEP_INTERVAL_MS;
const SWEEP_LIMIT = 1_000;
/** Who has a copy as new as this has just read it, and would have been told if it had ended since. */
const JUST_NOW_MS = 1_000;
/** Only touches can come between again and again, and those are rare. */
const MAX_REPLACE_ATTEMPTS = 10;

/** Who is logged in: sessions begin, are recognised by their cookie or a native app's token, and end, once, for everybody. */
export class Sessions {
  readonly #watches: SessionWatches;
  readonly #sweep: SessionSweep;
  readonly #endListeners = new Set<EndListener>();
  readonly #touches = new Map<SessionId, Promise<void>>();
  readonly #cache: SessionCache | undefined;
  #stopListening: (() => void) | undefined;

  constructor(
    private readonly store: SessionStore,
    private readonly clock: Clock,
    private readonly limits: SessionLimits,
    private readonly events: SessionsEvents = new SessionsEvents(),
    private readonly shared?: SharedSessions,
  ) {
    if (shared) this.#cache = new SessionCache(store, clock, shared.contactLostMs);
    this.#watches = new SessionWatches(
      clock,
      {
        recent: (id) => (this.#cache ?? this.store).load(id, JUST_NOW_MS),
        load: (id) => this.#read(id),
        end: (id, reason) => this.end(id, reason),
      },
      events,
    );
    this.#sweep = new SessionSweep(
      clock,
      () => this.#endOverdue(),
      (error) => events.backgroundFailed('sweep', error),
    );
  }

  /** From here on sessions also end when nobody asks for them. */
  start(): void {
    this.#sweep.start();
    if (!this.shared) return;
    const { feed, contactLostMs, onRejoined } = this.shared;
    const missed = () => {
      this.#cache?.doubt();
      void this.#watches.checkAll();
    };
    const stops = [feed.listen({ changed: (change) => this.#hear(change), missed }), onRejoined(missed)];
    this.#stopListening = () => stops.forEach((stop) => stop());
    this.#watches.distrustAfter(TRUSTED_WITHOUT_CONTACT_MS, contactLostMs);
  }

  /** Idempotent. Sessions stay; watching and sweeping stop. */
  async close(): Promise<void> {
    this.#stopListening?.();
    this.#watches.close();
    await this.#sweep.close();
    await Promise.all(this.#touches.values());
  }

  /** Always under a new id, so that an id known before the login is worth nothing after it (fixation). */
  async create(login: Login): Promise<{ secret: string; session: Session }> {
    const secret = newSessionSecret();
    const session = await this.createAs(sessionIdOf(secret), login);
    if (!session) throw new Error('A new session id was used before: the random source is broken');
    return { secret, session };
  }

  /** A session that no cookie opens, under an id of `newSessionId`. Undefined when that was ended before it began. */
  async createAs(id: SessionId, login: Login): Promise<Session | undefined> {
    const now = this.clock.now();
    const session: Session = {
      id,
      version: 1,
      ...login,
      createdAt: now,
      lastSeenAt: now,
      expiresAt: now + this.limits.maxTtlMs,
      idleTtlMs: this.limits.idleTtlMs,
    };
    const outcome = await this.store.create(session, this.#ttlOf(session));
    if (outcome === 'gone') return undefined;
    this.events.created(session);
    return session;
  }

  /** The session that a cookie's value stands for. */
  authenticate(secret: string, touch: { touch: boolean }): Soon<Session | undefined> {
    return looksLikeSessionSecret(secret) ? this.use(sessionIdOf(secret), touch) : undefined;
  }

  /**
   * As `load`, on the path of every request. `touch` counts this as use, written at most every 20th of the
   * idle time: a session idles out up to 5 % early, never late.
   */
  use(id: SessionId, { touch }: { touch: boolean }): Soon<Session | undefined> {
    return after(this.load(id), (session) => {
      if (session && touch) this.#touch(session);
      return session;
    });
  }

  load(id: SessionId): Soon<Session | undefined> {
    return after((this.#cache ?? this.store).load(id), (session) => {
      if (!session || !isOver(session, this.clock.now())) return session;
      // A copy may not know that the session was used elsewhere.
      return this.#cache ? this.loadFresh(id) : this.#endIfOver(session);
    });
  }

  /** As `load`, and straight from the store. */
  async loadFresh(id: SessionId): Promise<Session | undefined> {
    const session = await this.#read(id);
    return session && this.#endIfOver(session);
  }

  async ofUser(userId: UserId): Promise<Session[]> {
    const now = this.clock.now();
    const sessions = await this.store.ofUser(userId);
    for (const session of sessions) this.#cache?.keep(session, now);
    return sessions.filter((session) => !isOver(session, now));
  }

  /**
   * Ends the session, and those that it superseded. Idempotent: of several calls the first announces the
   * end, with its reason.
   */
  async end(id: SessionId, reason: SessionEndReason): Promise<void> {
    const ended: Session[] = [];
    let next: SessionId | undefined = id;
    while (next !== undefined) {
      const session: Session | undefined = await this.store.remove(next);
      if (session) ended.push(session);
      next = session?.supersedes;
    }
    // All are gone before the first is announced: who asks whether it was the last is told the truth.
    for (const session of ended) this.#announce(session, reason);
    await Promise.all(ended.map((session) => this.#tell({ kind: 'ended', id: session.id, reason })));
  }

  /** Writes `tokens` unless the tokens that `seen` holds were replaced by somebody else meanwhile. */
  async replaceTokens(seen: Session, tokens: TokenSet): Promise<TokenReplacement> {
    let current = seen;
    for (let attempt = 0; attempt < MAX_REPLACE_ATTEMPTS; attempt += 1) {
      const next: Session = { ...current, tokens, version: current.version + 1 };
      const outcome = await this.store.replace(next, current.version, this.#ttlOf(next));
      if (outcome === 'replaced') {
        this.#cache?.keep(next);
        void this.#tell({ kind: 'changed', id: next.id, version: next.version });
        return { kind: 'replaced', session: next };
      }
      const stored = outcome === 'conflict' ? await this.store.load(seen.id) : undefined;
      if (!stored) return { kind: 'gone' };
      // A touch only moves the version; new tokens must not be lost to it.
      if (!sameTokens(stored.tokens, seen.tokens)) return { kind: 'superseded', session: stored };
      current = stored;
    }
    throw new Error('A session was written too often to replace its tokens');
  }

  /** Until `stop` is called: `expiring` before the end, `ended` after it, also when it has ended already. */
  watch(id: SessionId, listener: SessionListener): () => void {
    return this.#watches.watch(id, listener);
  }

  /** Called once for each session that ends in this process; returns how to stop. */
  onEnded(listener: EndListener): () => void {
    this.#endListeners.add(listener);
    return () => this.#endListeners.delete(listener);
  }

  #read(id: SessionId): Soon<Session | undefined> {
    return this.#cache ? this.#cache.loadFresh(id) : this.store.load(id);
  }

  #endIfOver(session: Session): Session | undefined {
    if (!isOver(session, this.clock.now())) return session;
    this.end(session.id, endReasonOf(session)).catch((error: unknown) =>
      this.events.backgroundFailed('end', error),
    );
    return undefined;
  }

  #hear(change: SessionChange): void {
    this.#cache?.hear(change);
    if (change.kind === 'ended') this.#watches.ended(change.id, change.reason);
  }

  /** Who is not told now finds out at the next look; but a second attempt costs little. */
  async #tell(change: SessionChange): Promise<void> {
    if (!this.shared) return;
    const { feed } = this.shared;
    try {
      await feed.tell(change).catch(() => feed.tell(change));
    } catch (error) {
      this.events.backgroundFailed('feed', error);
    }
  }

  #announce(session: Session, reason: SessionEndReason): void {
    this.#cache?.hear({ kind: 'ended', id: session.id, reason });
    this.events.ended(session, reason);
    this.#watches.ended(session.id, reason);
    for (const listener of this.#endListeners) {
      try {
        listener(session, reason);
      } catch (error) {
        this.events.backgroundFailed('listener', error);
      }
    }
  }

  #touch(session: Session): void {
    const now = this.clock.now();
    if (now - session.lastSeenAt < session.idleTtlMs / TOUCHES_PER_IDLE_TTL) return;
    if (this.#touches.has(session.id)) return;
    const next: Session = { ...session, lastSeenAt: now, version: session.version + 1 };
    const written = this.#writeTouch(session, next)
      .catch((error: unknown) => this.events.backgroundFailed('touch', error))
      .finally(() => this.#touches.delete(session.id));
    this.#touches.set(session.id, written);
  }

  async #writeTouch(session: Session, next: Session): Promise<void> {
    const outcome = await this.store.replace(next, session.version, this.#ttlOf(next));
    if (outcome === 'replaced') this.#cache?.keep(next);
    // Somebody wrote since: with the copy that we have, each request would try in vain to touch it.
    else await this.#cache?.loadFresh(session.id);
  }

  async #endOverdue(): Promise<void> {
    for (const session of await this.store.overdue(this.clock.now(), SWEEP_LIMIT)) {
      await this.end(session.id, endReasonOf(session));
    }
  }

  #ttlOf(session: Session): number {
    return endOf(session) - this.clock.now() + STORAGE_GRACE_MS;
  }
}

const sameTokens = (left: TokenSet, right: TokenSet): boolean =>
  left.accessToken.reveal() === right.accessToken.reveal() && left.obtainedAt === right.obtainedAt;
