import type { ClientToServerEvents, Cursor, HandshakeAuth, ServerToClientEvents } from '@gw/contract';
import type { Action } from './action.js';
import { io, type Socket } from 'socket.io-client';
import { z } from './schema.js';

type GatewaySocket = Socket<ServerToClientEvents, ClientToServerEvents>;

const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 30_000;

const refusalSchema = z.object({
  data: z.object({ code: z.string(), retryAfterMs: z.optional(z.number()) }),
});

export interface SocketOptions {
  /** Asked at each connection: the position to resume after. */
  cursor: () => Cursor | undefined;
  dispatch: (action: Action) => void;
}

/**
 * The page's one connection for notifications. It comes back by itself, with its cursor, until
 * `close()` or until the gateway says that the session is over.
 */
export class NotificationSocket {
  readonly #socket: GatewaySocket;
  readonly #dispatch: SocketOptions['dispatch'];
  #retry: ReturnType<typeof setTimeout> | undefined;
  #refusals = 0;

  constructor({ cursor, dispatch }: SocketOptions) {
    this.#dispatch = dispatch;
    this.#socket = io({
      transports: ['websocket'],
      query: { understands: 'busy' },
      autoConnect: false,
      auth: (send: (auth: HandshakeAuth) => void) => {
        const after = cursor();
        send(after === undefined ? {} : { after });
      },
    });
    this.#forwardEvents();
    this.#followConnection();
  }

  open(): void {
    this.#dispatch({ type: 'socket', state: 'connecting' });
    this.#socket.connect();
  }

  /** Idempotent; nothing is dispatched after it. */
  close(): void {
    clearTimeout(this.#retry);
    this.#socket.off();
    this.#socket.disconnect();
  }

  #forwardEvents(): void {
    const dispatch = this.#dispatch;
    this.#socket.on('ready', (event) => {
      this.#refusals = 0;
      dispatch({ type: 'ready', event });
    });
    this.#socket.on('notification', (event) => dispatch({ type: 'notification', event }));
    this.#socket.on('gap', (event) => dispatch({ type: 'gap', event, at: new Date().toISOString() }));
    this.#socket.on('upstream', (event) => dispatch({ type: 'upstream', event }));
    this.#socket.on('session', (event) => dispatch({ type: 'session', event }));
    this.#socket.on('drain', ({ reconnectAfterMs }) => this.#move(reconnectAfterMs));
  }

  #followConnection(): void {
    this.#socket.on('connect_error', (error) => this.#onRefused(error));
    this.#socket.on('disconnect', (reason) => {
      const expected = reason === 'io client disconnect' || this.#retry !== undefined;
      if (expected) return;
      this.#dispatch({ type: 'socket', state: 'connecting' });
      if (!this.#socket.active) this.#reconnectIn(FIRST_RETRY_MS);
    });
  }

  /** `active` tells whether the library retries by itself: it does not when the gateway said no. */
  #onRefused(error: Error): void {
    const refusal = refusalSchema.safeParse(error).data?.data;
    if (refusal?.code === 'unauthenticated') {
      this.#dispatch({ type: 'signed-out', notice: 'Your session is over. Please sign in again.' });
      return;
    }
    this.#dispatch({ type: 'socket', state: 'connecting' });
    if (this.#socket.active) return;
    const pauseMs = Math.min(FIRST_RETRY_MS * 2 ** this.#refusals, LAST_RETRY_MS) * (0.5 + Math.random() / 2);
    this.#reconnectIn(refusal?.retryAfterMs ?? pauseMs);
    this.#refusals += 1;
  }

  /**
   * The instance is leaving. Until our slot comes it still delivers; should it close the connection
   * before, the library must not come back early together with everybody else.
   */
  #move(afterMs: number): void {
    this.#dispatch({ type: 'socket', state: 'moving' });
    this.#socket.io.reconnection(false);
    this.#reconnectIn(afterMs);
  }

  #reconnectIn(ms: number): void {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.#socket.io.reconnection(true);
      this.#socket.disconnect();
      this.open();
    }, ms);
  }
}
