import { type ApiName, type Clock, type UserId } from '@gw/kernel';
import { type ApiLocation, locationOf } from './api-location.js';
import { ApiSession } from './api-session.js';
import { CookieJar } from './cookie-jar.js';
import { type UpstreamProfile } from './profile.js';

interface UserSessions {
  readonly byApi: Map<ApiName, ApiSession>;
  /** APIs of one origin share a jar: its balancer's stickiness cookie is one. */
  readonly jars: Map<string, CookieJar>;
}

/** Who has which upstream session: at most one per user and API, until the user is forgotten. */
export class ApiSessions {
  readonly #users = new Map<UserId, UserSessions>();
  readonly #apis: ReadonlyMap<ApiName, ApiLocation>;

  constructor(
    profile: UpstreamProfile,
    apiUrl: string,
    private readonly clock: Clock,
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

  forget(user: UserId): void {
    this.#users.delete(user);
  }

  #open(user: UserId, name: ApiName): ApiSession {
    const location = this.#require(name);
    const { origin } = location;
    const sessions: UserSessions = this.#users.get(user) ?? { byApi: new Map(), jars: new Map() };
    const jar = sessions.jars.get(origin) ?? new CookieJar(new URL(origin).hostname, this.clock);
    const session = new ApiSession(user, location, jar);
    sessions.jars.set(origin, jar);
    sessions.byApi.set(name, session);
    this.#users.set(user, sessions);
    return session;
  }

  #require(name: ApiName): ApiLocation {
    const found = this.#apis.get(name);
    if (!found) throw new Error(`The profile has no API "${name}"`);
    return found;
  }
}
