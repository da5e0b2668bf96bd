import { GatewayError } from '@gw/kernel';
import { type Fanout } from '@gw/fanout';
import { type Sessions } from '@gw/sessions';
import { cookieValue } from '../auth/cookie-header.js';
import { type GatewaySocket } from './gateway-socket.js';
import { socketRequests } from './socket-requests.js';

/** Decides who may connect: a Socket.IO middleware, so a refusal reaches the client as `connect_error`. */
export class SocketAuthentication {
  constructor(
    private readonly sessions: Sessions,
    private readonly fanout: Fanout,
    private readonly cookieName: string,
  ) {}

  readonly middleware = (socket: GatewaySocket, next: (error?: Error) => void): void => {
    this.#admit(socket).then(
      () => next(),
      (error: unknown) => next(connectError(error)),
    );
  };

  async #admit(socket: GatewaySocket): Promise<void> {
    const auth = socketRequests.auth(socket.handshake.auth);
    const { headers } = socket.handshake;
    // The adapter has let allowed origins pass, and those that are no browsers.
    const secret = headers.origin === undefined ? undefined : cookieValue(headers.cookie, this.cookieName);
    const session = secret && (await this.sessions.authenticate(secret, { touch: true }));
    if (!session) throw new GatewayError('unauthenticated', 'unauthenticated', 'no session: log in first');
    this.fanout.check(session.user.id, auth.channels);
    socket.data.session = session;
    socket.data.auth = auth;
  }
}

/** The form in which Socket.IO hands `data` to the client. */
function connectError(error: unknown): Error {
  const known = error instanceof GatewayError;
  const code = known ? error.code : 'internal_error';
  const message = known ? error.message : 'internal error';
  return Object.assign(new Error(message), { data: { code, message } });
}
