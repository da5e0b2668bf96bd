import { type IncomingMessage } from 'node:http';
import { GatewayError } from '@gw/kernel';
import { type Socket } from 'socket.io';
import { refuseHandshake } from './refuse-handshake.js';
import { type SocketDoor } from './socket-door.js';
import { type SocketEvents } from './socket-events.js';

/**
 * The door, in the words of HTTP and of Socket.IO. Who is refused learns when to come back: by `Retry-After`,
 * or, as no script in a browser sees that, by `connect_error`. Only from clients that say `understands=busy` in
 * their query: after a `connect_error` from the gateway the library does not come back by itself, but after
 * a failed handshake it does.
 */
export class SocketAdmission {
  /** Handshakes that go on only to be refused with an explanation. */
  readonly #refused = new WeakMap<IncomingMessage, number>();

  constructor(
    private readonly door: SocketDoor,
    private readonly events: SocketEvents,
  ) {}

  /** Before the upgrade; false: it has been answered. */
  admits(request: IncomingMessage, response: object): boolean {
    const admission = this.door.knock();
    if (admission.kind === 'admitted') return true;
    if (admission.kind === 'closed') {
      // Without an answer, which every load balancer takes as a reason to ask another instance.
      request.socket.destroy();
      return false;
    }
    this.events.busy();
    const slotMs = understandsBusy(request) ? this.door.slotMs() : undefined;
    if (slotMs !== undefined) {
      this.#refused.set(request, slotMs);
      return true;
    }
    const retryAfter = { 'retry-after': String(Math.ceil(admission.retryAfterMs / 1_000)) };
    refuseHandshake(request, response, { error: busy(), fields: retryAfter });
    return false;
  }

  /** Before the client is authenticated: that costs more than a refusal should. */
  readonly middleware = (socket: Socket, next: (error?: Error) => void): void => {
    const retryAfterMs = this.#refused.get(socket.request);
    if (retryAfterMs === undefined) {
      next();
      return;
    }
    const { code, message } = busy();
    next(Object.assign(new Error(message), { data: { code, message, retryAfterMs } }));
  };
}

const busy = () =>
  new GatewayError('busy', 'unavailable', 'Too many sockets at once: come back a little later');

function understandsBusy({ url = '' }: IncomingMessage): boolean {
  const query = new URLSearchParams(url.slice(url.indexOf('?') + 1));
  return query.get('understands') === 'busy';
}
