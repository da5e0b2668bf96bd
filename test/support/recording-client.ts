import { type ClientToServerEvents, type ServerToClientEvents } from '@gw/contract';
import { io, type Socket } from 'socket.io-client';
import { type ClientEvent, type ClientHistory } from './checker/user-history.js';
import { type Person } from './person.js';

export interface RecordingClientOptions {
  readonly name: string;
  readonly person: Person;
  /** The origin under which browsers reach the gateway. */
  readonly url: string;
  /** Where its sockets go: the first, and where it turns when one breaks, in turn. */
  readonly addresses: readonly [string, ...string[]];
  readonly api: string;
  readonly channel: string;
  /** How long it waits before it comes back, in milliseconds. */
  readonly pauseMs?: (() => number) | undefined;
}

const PAUSE_MS = 200;

/**
 * A client as clients should be, which writes its own history: whenever its socket breaks, or cannot be made, it
 * comes back with its cursor, until it is told that its session has ended. Its notifications are numbers.
 */
export class RecordingClient {
  readonly #events: ClientEvent[] = [];
  #socket: Socket<ServerToClientEvents, ClientToServerEvents> | undefined;
  #opened = 0;
  #cursor: string | undefined;
  #again: NodeJS.Timeout | undefined;
  #closed = false;
  #isSignedOut = false;
  #revoked: ClientHistory['revoked'];
  /** When it first heard each number. */
  readonly heardAt = new Map<number, number>();

  constructor(private readonly options: RecordingClientOptions) {
    this.#open();
  }

  get name(): string {
    return this.options.name;
  }

  /** It was told that its session has ended, or that there is none. */
  get isSignedOut(): boolean {
    return this.#isSignedOut;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** The API delivers, as far as it was told. */
  get isConnected(): boolean {
    const last = this.#events.findLast((event) => event.kind !== 'notification' && event.kind !== 'gap');
    return last !== undefined && last.kind !== 'closed' && last.isConnected;
  }

  get events(): readonly ClientEvent[] {
    return this.#events;
  }

  /** @param isAttachedAtEnd it had time to hear all that was published */
  history(isAttachedAtEnd = !this.#closed): ClientHistory {
    return { name: this.name, events: this.#events, isAttachedAtEnd, revoked: this.#revoked };
  }

  /** Its session was revoked, as whoever did so was just answered. */
  noteRevocation(withinMs: number): void {
    this.#revoked = { at: Date.now(), withinMs };
  }

  /** Stops coming back; the socket goes on, to see whether the other side ends it. */
  stayAway(): void {
    this.#closed = true;
    clearTimeout(this.#again);
  }

  /** Its connection breaks, and it comes back. */
  drop(): void {
    this.#socket?.disconnect();
  }

  close(): void {
    this.stayAway();
    this.#socket?.disconnect();
  }

  #open(): void {
    const { person, url, addresses, api, channel } = this.options;
    const address = addresses[this.#opened % addresses.length]!;
    this.#opened += 1;
    const after = this.#cursor;
    const socket: Socket<ServerToClientEvents, ClientToServerEvents> = io(address, {
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      extraHeaders: { cookie: person.agent.cookieHeader(url), origin: url },
      auth: { channels: [{ api, channel }], ...(after !== undefined && { after }) },
    });
    this.#socket = socket;
    socket.on('ready', ({ cursor, apis }) => {
      const isConnected = apis[api]?.state === 'connected';
      this.#note({ kind: 'ready', at: Date.now(), isFresh: after === undefined, isConnected });
      this.#cursor ??= cursor;
    });
    socket.on('notification', ({ cursor, data, ...event }) => {
      this.#cursor = cursor;
      if (event.channel !== channel || typeof data !== 'number') return;
      const at = Date.now();
      this.#note({ kind: 'notification', at, number: data, cursor });
      if (!this.heardAt.has(data)) this.heardAt.set(data, at);
    });
    socket.on('gap', ({ cursor, reason, ...event }) => {
      this.#cursor = cursor;
      if (event.api === api) this.#note({ kind: 'gap', at: Date.now(), reason });
    });
    socket.on('upstream', ({ state, ...event }) => {
      if (event.api !== api) return;
      this.#note({ kind: 'state', at: Date.now(), isConnected: state === 'connected' });
    });
    socket.on('session', ({ state }) => (this.#isSignedOut ||= state === 'ended'));
    socket.on('drain', ({ reconnectAfterMs }) => this.#comeBack(reconnectAfterMs));
    socket.on('disconnect', () => {
      this.#note({ kind: 'closed', at: Date.now() });
      if (socket === this.#socket) this.#comeBack();
    });
    socket.on('connect_error', (error: Error & { data?: { code?: string } }) => {
      this.#isSignedOut ||= error.data?.code === 'unauthenticated';
      this.#comeBack();
    });
  }

  #note(event: ClientEvent): void {
    this.#events.push(event);
  }

  #comeBack(afterMs = this.options.pauseMs?.() ?? PAUSE_MS): void {
    // Who was told when to come back keeps to it, also when the socket breaks before.
    if (this.#closed || this.#isSignedOut || this.#again) return;
    this.#again = setTimeout(() => {
      this.#again = undefined;
      this.#socket?.disconnect();
      this.#open();
    }, afterMs);
  }
}
