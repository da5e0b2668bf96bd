import { type ApiName, type Clock, type UserId } from '@gw/kernel';
import { type ApiLocation, locationOf } from './api-location.js';
import { ApiSession } from './api-session.js';
import { CookieJar } from './cookie-jar.js';
import { type UpstreamProfile } from './profile.js';
import { type CookieChange, type UserUpstreamState } from './upstream-state-store.js';

/** Users of whom something is remembered; who was opened longest ago goes first. */
const DEFAULT_MAX_USERS = 50_000;

interface UserSessions {
  /** Whether it is as all instances know it. */
  knowledge: 'none' | 'doubtful' | 'sure';
  /** APIs of one origin share a jar: its balancer's stickiness cookie is one. */
  readonly byApi: Map<ApiName, ApiSession>;
}

/** Who has which upstream session: at most one per user and API, until the user is forgotten. */
export class ApiSessions {
  readonly #users = new Map<UserId, UserSessions>();
  readonly #apis: ReadonlyMap<ApiName, ApiLocation>;

  constructor(
    profile: UpstreamProfile,
    apiUrl: string,
    private readonly clock: Clock,
    private readonly maxUsers = DEFAULT_MAX_USERS,
  ) {
    this.#apis = new Map(profile.apis.map((api) => [api.name, locationOf(api, api.baseUrl ?? apiUrl)]));
  }

  originOf(api: ApiName): string {
    return this.#require(api).origin;
  }

  of(user: UserId, api: ApiName): ApiSession {
    return this.known(user, api) ?? this.#open(user, api);
  }

  known(user: UserId, api: ApiName): ApiSession | undefined {
    return this.#users.get(user)?.byApi.get(api);
  }

  get users(): UserId[] {
    return [...this.#users.keys()];
  }

  has(user: UserId): boolean {
    return this.#users.has(user);
  }

  knowledgeOf(user: UserId): UserSessions['knowledge'] {
    return this.#users.get(user)?.knowledge ?? 'none';
  }

  doubt(user: UserId): void {
    const sessions = this.#users.get(user);
    if (sessions?.knowledge === 'sure') sessions.knowledge = 'doubtful';
  }

  /**
   * Takes over what all instances know; `changes` are our own that they do not know yet. Returns the
   * sessions that were made anew elsewhere.
   */
  fill(user: UserId, state: UserUpstreamState, changes: readonly CookieChange[]): ApiSession[] {
    const sessions = this.#sessionsOf(user);
    sessions.knowledge = 'sure';
    const all = [...this.#apis.keys()].map((name) => this.of(user, name));
    const jars = new Map(all.map(({ origin, jar }) => [origin, jar]));
    for (const [origin, jar] of jars) fillJar(jar, origin, state, changes);
    const renewed: ApiSession[] = [];
    for (const session of all) {
      const { generation } = session;
      const { name } = session.api;
      session.generation = state.generations.get(name) ?? 0;
      session.isWorthless = session.generation > 0 && state.worthless.get(name) === session.generation;
      if (session.generation === generation) continue;
      session.lastRefusal = undefined;
      if (session.generation > 0) renewed.push(session);
    }
    return renewed;
  }

  forget(user: UserId): void {
    this.#users.delete(user);
  }

  #sessionsOf(user: UserId): UserSessions {
    let sessions = this.#users.get(user);
    if (!sessions) {
      sessions = { knowledge: 'none', byApi: new Map() };
      this.#users.set(user, sessions);
      const [oldest] = this.#users.keys();
      if (this.#users.size > this.maxUsers && oldest !== undefined) this.#users.delete(oldest);
    }
    return sessions;
  }

  #jarOf({ byApi }: UserSessions, origin: string): CookieJar {
    const beside = [...byApi.values()].find((session) => session.origin === origin);
    return beside?.jar ?? new CookieJar(new URL(origin).hostname, this.clock);
  }

  #open(user: UserId, name: ApiName): ApiSession {
    const location = this.#require(name);
    const { origin } = location;
    const sessions = this.#sessionsOf(user);
    const session = new ApiSession(user, location, this.#jarOf(sessions, origin));
    sessions.byApi.set(name, session);
    return session;
  }

  #require(name: ApiName): ApiLocation {
    const found = this.#apis.get(name);
    if (!found) throw new Error(`The profile has no API "${name}"`);
    return found;
  }
}

function fillJar(
  jar: CookieJar,
  origin: string,
  { cookies }: UserUpstreamState,
  changes: readonly CookieChange[],
): void {
  const known = new Map(
    cookies.filter((each) => each.origin === origin).map((each) => [each.key, each.cookie]),
  );
  for (const { key, cookie } of changes.filter((change) => change.origin === origin)) {
    if (cookie) known.set(key, cookie);
    else known.delete(key);
  }
  jar.fill([...known].flatMap(([key, cookie]) => (cookie ? [{ key, cookie }] : [])));
}
