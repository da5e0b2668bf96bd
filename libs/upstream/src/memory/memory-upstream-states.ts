import { type ApiName, type UserId } from '@gw/kernel';
import {
  type CookieChange,
  type UpstreamStateListener,
  UpstreamStateStore,
  type UserUpstreamState,
} from '../upstream-state-store.js';

interface UserRecord {
  readonly generations: Map<ApiName, number>;
  /** Undefined where none ever was. */
  worthless: Map<ApiName, number> | undefined;
  readonly cookies: Map<string, Required<CookieChange>>;
}

/** What the instances of one process share; gone with it. Bounded: the user who was changed longest ago goes. */
class MemoryUpstream {
  readonly users = new Map<UserId, UserRecord>();
  readonly members = new Set<{ readonly listeners: Set<UpstreamStateListener> }>();

  constructor(readonly maxUsers: number) {}
}

/** Upstream states of one process. */
export class MemoryUpstreamStates extends UpstreamStateStore {
  readonly listeners = new Set<UpstreamStateListener>();
  readonly #shared: MemoryUpstream;

  /** `beside`: another instance that shares its states with this one. */
  constructor({ beside, maxUsers = 100_000 }: { beside?: MemoryUpstreamStates; maxUsers?: number } = {}) {
    super();
    this.#shared = beside ? beside.#shared : new MemoryUpstream(maxUsers);
    this.#shared.members.add(this);
  }

  override load(user: UserId): Promise<UserUpstreamState> {
    const { generations, worthless, cookies } = this.#shared.users.get(user) ?? emptyRecord();
    return Promise.resolve({
      generations: new Map(generations),
      worthless: new Map(worthless),
      cookies: [...cookies.values()],
    });
  }

  override keepCookies(user: UserId, changes: readonly CookieChange[]): Promise<void> {
    const { cookies } = this.#record(user);
    for (const { origin, key, cookie } of changes) {
      const name = `${origin} ${key}`;
      if (cookie) cookies.set(name, { origin, key, cookie });
      else cookies.delete(name);
    }
    this.#tell(user);
    return Promise.resolve();
  }

  override initialised(user: UserId, api: ApiName): Promise<number> {
    const { generations, worthless } = this.#record(user);
    const generation = (generations.get(api) ?? 0) + 1;
    generations.set(api, generation);
    worthless?.delete(api);
    this.#tell(user);
    return Promise.resolve(generation);
  }

  override worthless(user: UserId, api: ApiName, generation: number): Promise<void> {
    const record = this.#record(user);
    record.worthless ??= new Map();
    record.worthless.set(api, generation);
    this.#tell(user);
    return Promise.resolve();
  }

  override remove(user: UserId): Promise<void> {
    this.#shared.users.delete(user);
    this.#tell(user);
    return Promise.resolve();
  }

  override listen(listener: UpstreamStateListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  #record(user: UserId): UserRecord {
    const { users, maxUsers } = this.#shared;
    const record = users.get(user) ?? emptyRecord();
    users.delete(user);
    users.set(user, record);
    const [oldest] = users.keys();
    if (users.size > maxUsers && oldest !== undefined) users.delete(oldest);
    return record;
  }

  #tell(user: UserId): void {
    for (const member of this.#shared.members) {
      if (member !== this) for (const listener of [...member.listeners]) listener.changed(user);
    }
  }
}

const emptyRecord = (): UserRecord => ({
  generations: new Map(),
  worthless: undefined,
  cookies: new Map(),
});
