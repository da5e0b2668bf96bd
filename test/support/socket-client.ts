import {
  type Acknowledgement,
  type ClientToServerEvents,
  type GapEvent,
  type HandshakeAuth,
  type NotificationEvent,
  type ReadyEvent,
  type ReplacedEvent,
  type ServerToClientEvents,
  type SessionEvent,
  type UpstreamEvent,
} from '@gw/contract';
import { eventually } from '@gw/kernel/testing';
import { io, type Socket } from 'socket.io-client';

export type Received =
  | ({ type: 'ready' } & ReadyEvent)
  | ({ type: 'notification' } & NotificationEvent)
  | ({ type: 'gap' } & GapEvent)
  | ({ type: 'upstream' } & UpstreamEvent)
  | ({ type: 'session' } & SessionEvent)
  | ({ type: 'replaced' } & ReplacedEvent);

/** A real Socket.IO client that remembers all it was sent, in order. */
export class SocketClient {
  readonly socket: Socket<ServerToClientEvents, ClientToServerEvents>;
  readonly received: Received[] = [];
  connectError: (Error & { data?: { code?: string } }) | undefined;

  /** @param cookie undefined: no browser, which has neither a cookie nor an Origin */
  constructor(
    url: string,
    cookie: string | undefined,
    auth: HandshakeAuth = {},
    headers: Record<string, string> = {},
  ) {
    this.socket = io(url, {
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      extraHeaders: { ...(cookie !== undefined && { cookie, origin: url }), ...headers },
      auth,
    });
    this.socket.on('ready', (event) => this.received.push({ type: 'ready', ...event }));
    this.socket.on('notification', (event) => this.received.push({ type: 'notification', ...event }));
    this.socket.on('gap', (event) => this.received.push({ type: 'gap', ...event }));
    this.socket.on('upstream', (event) => this.received.push({ type: 'upstream', ...event }));
    this.socket.on('session', (event) => this.received.push({ type: 'session', ...event }));
    this.socket.on('replaced', (event) => this.received.push({ type: 'replaced', ...event }));
    this.socket.on('connect_error', (error) => (this.connectError = error));
  }

  get notifications(): NotificationEvent[] {
    return this.received.filter((event) => event.type === 'notification');
  }

  get gaps(): GapEvent[] {
    return this.received.filter((event) => event.type === 'gap');
  }

  /** The payloads that came on `channel`. */
  dataOn(channel: string): unknown[] {
    return this.notifications.filter((event) => event.channel === channel).map(({ data }) => data);
  }

  /** The newest position that this client has seen. */
  get cursor(): string {
    const last = this.received.findLast((event) => 'cursor' in event);
    if (!last) throw new Error('nothing received yet');
    return last.cursor;
  }

  ready(): Promise<ReadyEvent> {
    return eventually(() => {
      const ready = this.received.find((event) => event.type === 'ready');
      if (!ready) throw new Error(`no ready event; connect error: ${String(this.connectError?.message)}`);
      return ready;
    });
  }

  /** Waits until the API delivers. */
  async connected(...apis: string[]): Promise<void> {
    const { apis: states } = await this.ready();
    for (const api of apis) {
      await eventually(() => {
        const changes = this.received.filter((event) => event.type === 'upstream' && event.api === api);
        const last = changes.at(-1) ?? states[api];
        if (!last || !('state' in last) || last.state !== 'connected')
          throw new Error(`${api}: ${JSON.stringify(last)}`);
      });
    }
  }

  /** Waits for the refusal of the connection. */
  refused(): Promise<Error & { data?: { code?: string } }> {
    return eventually(() => {
      if (!this.connectError) throw new Error('not refused');
      return this.connectError;
    });
  }

  emit(event: string, payload: unknown): Promise<Acknowledgement> {
    // The server must also answer what the types do not allow.
    const emitter = this.socket as unknown as {
      timeout(ms: number): { emitWithAck(...args: unknown[]): Promise<unknown> };
    };
    return emitter.timeout(5_000).emitWithAck(event, payload) as Promise<Acknowledgement>;
  }

  close(): void {
    this.socket.disconnect();
  }
}
