import { GatewayError, type Soon } from '@gw/kernel';
import { type NativeAccess } from '@gw/native';
import { type Session, type Sessions } from '@gw/sessions';
import { type IncomingHttpHeaders } from 'node:http';
import { bearerOf } from './bearer-header.js';
import { type SessionCookie } from './session-cookie.js';

/**
 * From a request to the session on whose behalf it is made: by a native app's bearer, or by the cookie. A
 * request that carries a bearer is authenticated by it alone, whatever cookie comes along.
 */
export class CallerAuthentication {
  constructor(
    private readonly sessions: Sessions,
    private readonly cookie: SessionCookie,
    private readonly native: NativeAccess,
  ) {}

  /** `touch`: this request counts as use of the session. */
  find(headers: IncomingHttpHeaders, touch: { touch: boolean }): Soon<Session | undefined> {
    const bearer = bearerOf(headers);
    if (bearer !== undefined) return this.native.authenticate(bearer, touch);
    const secret = this.cookie.read(headers);
    return secret === undefined ? undefined : this.sessions.authenticate(secret, touch);
  }

  /** @throws {GatewayError} `unauthenticated` */
  async require(headers: IncomingHttpHeaders, touch: { touch: boolean }): Promise<Session> {
    const session = await this.find(headers, touch);
    if (!session)
      throw new GatewayError('unauthenticated', 'unauthenticated', 'There is no session: log in first');
    return session;
  }
}
