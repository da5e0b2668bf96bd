import { type Clock, type Timer, type UserId } from '@gw/kernel';
import { type ApiSession } from './api-session.js';
import { type ApiSessions } from './api-sessions.js';
import { FreshLoads } from './fresh-loads.js';
import { type UpstreamEvents } from './upstream-events.js';
import { type CookieChange, type UpstreamStateStore } from './upstream-state-store.js';

/** Cookies that change with every answer, as a balancer's may, are written this seldom, in milliseconds. */
const FLUSH_MS = 250;

export type RenewedListener = (session: ApiSession) => void;

/**
 * Keeps what this instance knows of its users' upstream sessions the same as what all instances know:
 * loads it before first use, again when another instance changed it, and writes what changes here.
 */
export class UserStates {
  readonly #loads = new FreshLoads<UserId>((user) => this.#load(user));
  /** Not written yet. */
  readonly #changes = new Map<UserId, Map<string, CookieChange>>();
  /** Being written: what is read meanwhile may not have them. */
  readonly #writing = new Map<UserId, Map<string, CookieChange>>();
  readonly #stopListening: () => void;
  readonly #flushes = new Map<UserId, Promise<void>>();
  #flush: Timer | undefined;

  constructor(
    private readonly sessions: ApiSessions,
    private readonly store: UpstreamStateStore,
    private readonly clock: Clock,
    private readonly events: UpstreamEvents,
    /** Another instance has made a session in place of the one that we knew. */
    private readonly renewed: RenewedListener,
  ) {
    this.#stopListening = store.listen({
      changed: (user) => {
        if (sessions.has(user)) void this.#loadQuietly(user);
      },
      missed: () => {
        for (const user of sessions.users) sessions.doubt(user);
      },
    });
  }

  /** What is known is known here. @throws {GatewayError} `state_unavailable` for a user who is new here. */
  ready(user: UserId): Promise<void> | undefined {
    switch (this.sessions.knowledgeOf(user)) {
      case 'sure':
        return undefined;
      case 'doubtful':
        return this.#loadQuietly(user);
      case 'none':
        return this.load(user);
    }
  }

  /** What is known at the time of this call, or later. @throws {GatewayError} `state_unavailable`. */
  load(user: UserId): Promise<void> {
    return this.#loads.run(user);
  }

  /** Set or removed by an answer to this user. Written soon, together with others. */
  cookiesChanged(user: UserId, changes: readonly CookieChange[]): void {
    if (changes.length === 0) return;
    const pending = this.#changes.get(user) ?? new Map<string, CookieChange>();
    for (const change of changes) pending.set(`${change.origin} ${change.key}`, change);
    this.#changes.set(user, pending);
    this.#flush ??= this.clock.schedule(() => {
      this.#flush = undefined;
      for (const waiting of [...this.#changes.keys()]) void this.flush(waiting);
    }, FLUSH_MS);
  }

  /** Writes what waits. Never throws: what could not be written waits for the next change. */
  async flush(user: UserId): Promise<void> {
    // One write at a time: what comes meanwhile waits for the next.
    await this.#flushes.get(user);
    const pending = this.#changes.get(user);
    if (!pending) return;
    this.#changes.delete(user);
    this.#writing.set(user, pending);
    const written = this.#write(user, pending).finally(() => {
      this.#writing.delete(user);
      this.#flushes.delete(user);
    });
    this.#flushes.set(user, written);
    await written;
  }

  /** Gives the new session its number. When it cannot be told, it is counted here alone. */
  async initialised(session: ApiSession): Promise<number> {
    const { user, api, generation } = session;
    try {
      await this.flush(user);
      return await this.store.initialised(user, api.name);
    } catch (error) {
      this.events.stateFailed(user, error);
      return generation + 1;
    }
  }

  async worthless({ user, api, generation }: ApiSession): Promise<void> {
    await this.#quietly(user, () => this.store.worthless(user, api.name, generation));
  }

  async forget(user: UserId): Promise<void> {
    this.#changes.delete(user);
    await this.#quietly(user, () => this.store.remove(user));
  }

  /** Writes what waits, and listens no more. */
  async close(): Promise<void> {
    this.#stopListening();
    this.#flush?.cancel();
    await Promise.all([...this.#changes.keys()].map((user) => this.flush(user)));
  }

  async #write(user: UserId, pending: ReadonlyMap<string, CookieChange>): Promise<void> {
    try {
      await this.store.keepCookies(user, [...pending.values()]);
    } catch (error) {
      this.events.stateFailed(user, error);
      this.#changes.set(user, new Map([...pending, ...(this.#changes.get(user) ?? [])]));
    }
  }

  async #load(user: UserId): Promise<void> {
    const state = await this.store.load(user);
    // What waits to be written, or is on its way, is newer than what was read.
    const newer = [this.#writing, this.#changes].flatMap((of) => [...(of.get(user)?.values() ?? [])]);
    for (const session of this.sessions.fill(user, state, newer)) this.renewed(session);
  }

  /** What we know goes on being used while nothing newer can be had. */
  #loadQuietly(user: UserId): Promise<void> {
    return this.#quietly(user, () => this.load(user));
  }

  async #quietly(user: UserId, act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      this.events.stateFailed(user, error);
    }
  }
}
