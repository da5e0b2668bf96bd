import { type IncomingHttpHeaders } from 'node:http';
import { type Fanout } from '@gw/fanout';
import { GatewayError } from '@gw/kernel';
import { type HandshakeAuth } from '@gw/contract';
import { rateLimited } from '@gw/limits';
import { type NativeAccess } from '@gw/native';
import { type Session } from '@gw/sessions';
import { bearerOf, type CallerAuthentication } from '../auth/index.js';
import { type RateLimits } from '../limits/index.js';
import { type GatewaySocket } from './gateway-socket.js';
import { socketRequests } from './socket-requests.js';

/** Decides who may connect: a Socket.IO middleware, so a refusal reaches the client as `connect_error`. */
export class SocketAuthentication {
  constructor(
    private readonly callers: CallerAuthentication,
    private readonly native: NativeAccess,
    private readonly fanout: Fanout,
    private readonly limits: RateLimits,
  ) {}

  readonly middleware = (socket: GatewaySocket, next: (error?: Error) => void): void => {
    this.#admit(socket).then(
      () => next(),
      (error: unknown) => next(connectError(error)),
    );
  };

  async #admit(socket: GatewaySocket): Promise<void> {
    const auth = socketRequests.auth(socket.handshake.auth);
    const session = await this.#sessionOf(auth, socket.handshake.headers);
    if (!session) throw new GatewayError('unauthenticated', 'unauthenticated', 'no session: log in first');
    if (this.limits.use('connect', session.id)?.isAllowed === false) throw rateLimited();
    this.fanout.check(session.user.id, auth.channels);
    socket.data.session = session;
    socket.data.auth = auth;
  }

  /** The adapter has let allowed origins pass, and those that are no browsers: these need a token. */
  async #sessionOf({ token }: HandshakeAuth, headers: IncomingHttpHeaders): Promise<Session | undefined> {
    if (token !== undefined) return this.native.authenticate(token, { touch: true });
    if (headers.origin === undefined && bearerOf(headers) === undefined) return undefined;
    return this.callers.find(headers, { touch: true });
  }
}

/** The form in which Socket.IO hands `data` to the client. */
function connectError(error: unknown): Error {
  const known = error instanceof GatewayError;
  const code = known ? error.code : 'internal_error';
  const message = known ? error.message : 'internal error';
  return Object.assign(new Error(message), { data: { code, message } });
}
