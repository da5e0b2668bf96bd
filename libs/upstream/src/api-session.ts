import { type UserId } from '@gw/kernel';
import { type CookieJar } from './cookie-jar.js';
import { type Initialised, type UserHeaders } from './outcomes.js';
import { type ApiLocation } from './api-location.js';
import { type UpstreamApi } from './profile.js';
import { RecoveryGuard } from './recovery-guard.js';

/** How long an upstream's refusal is believed before it is asked again. */
export const RECOVERY_INTERVAL_MS = 5_000;

/** What is remembered of one user at one API. */
export class ApiSession {
  /** 0 until the first session was made; counts sessions, so that one loss is repaired once. */
  generation = 0;
  /** It was made, but its initialisation failed. */
  isWorthless = false;
  lastRefusal: { readonly at: number; readonly outcome: Initialised } | undefined;
  readonly guard = new RecoveryGuard(RECOVERY_INTERVAL_MS);

  constructor(
    readonly user: UserId,
    private readonly location: ApiLocation,
    readonly jar: CookieJar,
  ) {}

  get api(): UpstreamApi {
    return this.location.api;
  }

  get origin(): string {
    return this.location.origin;
  }

  /** A path of the API as it goes on the wire. */
  wirePath(path: string): string {
    return this.location.prefix + path;
  }

  get needsInitialising(): boolean {
    return this.api.sessionInit !== undefined && (this.generation === 0 || this.isWorthless);
  }

  /** For a request to `path` of the API; `cookies` are pairs beside the jar's. */
  headersFor(
    path: string,
    credentials: { readonly token?: string | undefined; readonly apiKey?: string | undefined },
    cookies: readonly string[] = [],
  ): UserHeaders {
    const headers: UserHeaders = {};
    if (credentials.token !== undefined) headers.authorization = `Bearer ${credentials.token}`;
    if (credentials.apiKey !== undefined) headers['x-api-key'] = credentials.apiKey;
    const kept = this.jar.header(this.wirePath(path));
    const cookie = cookies.length === 0 ? kept : [kept, ...cookies].filter(Boolean).join('; ');
    if (cookie !== '') headers.cookie = cookie;
    return headers;
  }
}
