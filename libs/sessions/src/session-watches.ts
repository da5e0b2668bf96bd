import { type Clock, type SessionId, type Soon, type Timer } from '@gw/kernel';
import { endOf, endReasonOf, idleEndOf, type Session, type SessionEndReason } from './session.js';
import { type SessionsEvents } from './sessions-events.js';

export type SessionNotice =
  | {
      readonly state: 'expiring' | 'ended';
      readonly reason: SessionEndReason;
      /** When it will end or ended, milliseconds since the epoch. */
      readonly at: number;
    }
  /** We are out of touch for so long that an end may have passed us by; nothing more is told of it. */
  | { readonly state: 'unverifiable' };

export type SessionListener = (notice: SessionNotice) => void;

interface Watcher {
  readonly listener: SessionListener;
  /** The end it was warned of; a touch moves the end, and then it is warned anew. */
  warnedOf?: number;
}

interface Watch {
  readonly watchers: Set<Watcher>;
  timer: Timer | undefined;
}

interface SessionSource {
  /** As of a moment ago, unless something was told since. */
  recent(id: SessionId): Soon<Session | undefined>;
  load(id: SessionId): Soon<Session | undefined>;
  end(id: SessionId, reason: SessionEndReason): Promise<void>;
}

const MAX_WARNING_MS = 60_000;
const RETRY_MS = 5_000;
const CONTACT_CHECK_MS = 1_000;
/** Beside what is told, everything that is watched is compared with the store this often. */
const CHECK_ALL_MS = 30_000;
const AT_ONCE = 50;

/**
 * Tells those who hold a session open (sockets, streams) when it nears its end, and when it has ended.
 * One timer a watched session, however many watch it; callers bound how many that are.
 */
export class SessionWatches {
  readonly #watches = new Map<SessionId, Watch>();
  #contact: Timer | undefined;
  #checkingAll = false;

  constructor(
    private readonly clock: Clock,
    private readonly source: SessionSource,
    private readonly events: SessionsEvents,
  ) {}

  watch(id: SessionId, listener: SessionListener): () => void {
    const watch = this.#watches.get(id) ?? { watchers: new Set(), timer: undefined };
    this.#watches.set(id, watch);
    const watcher: Watcher = { listener };
    watch.watchers.add(watcher);
    // The session may have ended between its authentication and this call, which would have been told.
    void this.#check(id, watch, (one) => this.source.recent(one));
    return () => this.#stop(id, watch, watcher);
  }

  ended(id: SessionId, reason: SessionEndReason): void {
    const watch = this.#watches.get(id);
    if (!watch) return;
    this.#close(id, watch);
    const notice: SessionNotice = { state: 'ended', reason, at: this.clock.now() };
    for (const watcher of watch.watchers) this.#tell(watcher, notice);
  }

  /** Compares all that is watched with the store, some at a time. Never throws. */
  async checkAll(): Promise<void> {
    if (this.#checkingAll) return;
    this.#checkingAll = true;
    const left = [...this.#watches];
    while (left.length > 0) {
      await Promise.all(left.splice(0, AT_ONCE).map(([id, watch]) => this.#check(id, watch)));
    }
    this.#checkingAll = false;
  }

  /** From now on looks by itself, and tells everybody when we are out of touch for `ms` milliseconds. */
  distrustAfter(ms: number, contactLostMs: () => number): void {
    let nextCheck = this.clock.now() + CHECK_ALL_MS * (0.5 + Math.random());
    const look = () => {
      if (contactLostMs() > ms) this.#tellUnverifiable();
      else if (this.clock.now() >= nextCheck) {
        nextCheck = this.clock.now() + CHECK_ALL_MS;
        void this.checkAll();
      }
      this.#contact = this.clock.schedule(look, CONTACT_CHECK_MS);
    };
    this.#contact = this.clock.schedule(look, CONTACT_CHECK_MS);
  }

  close(): void {
    this.#contact?.cancel();
    for (const [id, watch] of this.#watches) this.#close(id, watch);
  }

  #tellUnverifiable(): void {
    for (const [id, watch] of this.#watches) {
      this.#close(id, watch);
      for (const watcher of watch.watchers) this.#tell(watcher, { state: 'unverifiable' });
    }
  }

  #stop(id: SessionId, watch: Watch, watcher: Watcher): void {
    watch.watchers.delete(watcher);
    if (watch.watchers.size === 0 && this.#watches.get(id) === watch) this.#close(id, watch);
  }

  #close(id: SessionId, watch: Watch): void {
    watch.timer?.cancel();
    this.#watches.delete(id);
  }

  async #check(id: SessionId, watch: Watch, look = (one: SessionId) => this.source.load(one)): Promise<void> {
    try {
      const session = await look(id);
      if (this.#watches.get(id) !== watch) return;
      if (session) await this.#follow(session, watch);
      else this.ended(id, 'revoked');
    } catch (error) {
      this.events.backgroundFailed('watch', error);
      this.#arm(id, watch, RETRY_MS);
    }
  }

  async #follow(session: Session, watch: Watch): Promise<void> {
    const left = endOf(session) - this.clock.now();
    const warning = warningOf(session);
    if (left <= 0) return this.source.end(session.id, endReasonOf(session));
    if (left <= warning) this.#warn(session, watch);
    this.#arm(session.id, watch, left <= warning ? left : left - warning);
  }

  #warn(session: Session, watch: Watch): void {
    const at = endOf(session);
    for (const watcher of watch.watchers) {
      if (watcher.warnedOf === at) continue;
      watcher.warnedOf = at;
      this.#tell(watcher, { state: 'expiring', reason: endReasonOf(session), at });
    }
  }

  #arm(id: SessionId, watch: Watch, ms: number): void {
    if (this.#watches.get(id) !== watch) return;
    watch.timer?.cancel();
    watch.timer = this.clock.schedule(() => void this.#check(id, watch), ms);
  }

  #tell(watcher: Watcher, notice: SessionNotice): void {
    try {
      watcher.listener(notice);
    } catch (error) {
      this.events.backgroundFailed('listener', error);
    }
  }
}

/** How long before its end a session is called expiring: a minute, or a tenth of a shorter life. */
function warningOf(session: Session): number {
  const life =
    idleEndOf(session) < session.expiresAt ? session.idleTtlMs : session.expiresAt - session.createdAt;
  return Math.min(MAX_WARNING_MS, life / 10);
}
