import { type UserId } from '@gw/kernel';
import { type ApiSession } from './api-session.js';
import { type UserCall } from './outcomes.js';
import { cookieName } from './set-cookie.js';
import { type UpstreamHttp, type UpstreamResponse } from './upstream-http.js';
import { type CookieChange } from './upstream-state-store.js';

/** Sends a user's calls and keeps the cookies of the answers. */
export class UserCalls {
  constructor(
    private readonly http: UpstreamHttp,
    /** Cookies that CometD keeps per (user, API); in a shared jar two APIs would overwrite each other's. */
    private readonly browserCookies: ReadonlySet<string>,
    readonly apiKey: string | undefined,
    private readonly cookiesChanged: (user: UserId, changes: readonly CookieChange[]) => void,
  ) {}

  async send(session: ApiSession, token: string, call: UserCall): Promise<UpstreamResponse> {
    const response = await this.transmit(session, token, call);
    this.remember(session, response.setCookies);
    return response;
  }

  /** Without the cookies, which are the caller's to keep: whoever waits for a poll waits here alone. */
  transmit(session: ApiSession, token: string, call: UserCall): Promise<UpstreamResponse> {
    const credentials = { token: call.bearer === false ? undefined : token, apiKey: this.apiKey };
    const path = withoutQuery(call.path);
    const headers: Record<string, string> = {
      accept: 'application/json',
      ...session.headersFor(path, credentials, call.cookies),
    };
    if (call.body !== undefined) headers['content-type'] = 'application/json;charset=UTF-8';
    const { method, body, timeoutMs, cancellation } = call;
    return this.http.send({
      origin: session.origin,
      method,
      path: session.wirePath(call.path),
      headers,
      body,
      timeoutMs,
      cancellation,
    });
  }

  remember(session: ApiSession, setCookies: readonly string[]): void {
    if (setCookies.length === 0) return;
    const { user, origin, jar } = session;
    const changed = jar.store(setCookies.filter((line) => !this.browserCookies.has(cookieName(line))));
    if (changed.size === 0) return;
    this.cookiesChanged(
      user,
      [...changed].map((key) => ({ origin, key, cookie: jar.kept(key) })),
    );
  }
}

function withoutQuery(path: string): string {
  const query = path.indexOf('?');
  return query < 0 ? path : path.slice(0, query);
}
