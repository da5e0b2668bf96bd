import {
  type GapEvent,
  type NotificationEvent,
  type ReadyEvent,
  type ReplacedEvent,
  type SessionEvent,
  type UpstreamEvent,
} from '@gw/contract';
import { ClientSink } from '@gw/fanout';
import { type Clock, type Timer } from '@gw/kernel';
import { ClientPace } from './client-pace.js';
import { type GatewaySocket } from './gateway-socket.js';

export interface SocketSinkOptions {
  readonly clock: Clock;
  /** What may wait for the client, in bytes. */
  readonly bufferBytes: number;
  /** Called once, when the client takes too little. */
  readonly tooSlow: () => void;
}

/** Events that may wait for the network, whatever their size. */
const MAX_WAITING = 256;

/** How long a client that has used up its budget may take nothing, in milliseconds. */
const SLOW_AFTER_MS = 10_000;

interface Waiting {
  settle(outcome: boolean): void;
  deadline: Timer;
}

/** A Socket.IO client as the fan-out sees it. */
export class SocketSink extends ClientSink {
  readonly #pace: ClientPace;
  #waiting: Waiting | undefined;
  #isGone = false;

  constructor(
    private readonly socket: GatewaySocket,
    private readonly options: SocketSinkOptions,
  ) {
    super();
    this.#pace = new ClientPace({ bytes: options.bufferBytes, events: MAX_WAITING });
    const { conn } = socket;
    // Whatever is written, answers and pings too.
    conn.on('packetCreate', ({ data }: { data?: string | Buffer }) => this.#wrote(data ?? ''));
    // Engine.IO hands over all it has to a transport that is free, and next when that has sent it.
    conn.on('flush', () => this.#pace.began());
    conn.transport.on('drain', () => this.#took());
    conn.on('close', () => this.#gone());
  }

  override ready(event: ReadyEvent): void {
    this.socket.emit('ready', event);
  }

  override notification(event: NotificationEvent): void {
    this.socket.emit('notification', event);
  }

  override gap(event: GapEvent): void {
    this.socket.emit('gap', event);
  }

  override upstream(event: UpstreamEvent): void {
    this.socket.emit('upstream', event);
  }

  session(event: SessionEvent): void {
    this.socket.emit('session', event);
  }

  replaced(event: ReplacedEvent): void {
    this.socket.emit('replaced', event);
  }

  override isCongested(): boolean {
    return this.#pace.isFull;
  }

  override drained(): Promise<boolean> {
    if (this.#isGone || !this.#pace.isFull) return Promise.resolve(!this.#isGone);
    return new Promise((settle) => {
      this.#waiting?.deadline.cancel();
      this.#waiting = { settle, deadline: this.#deadline() };
    });
  }

  #wrote(data: string | Buffer): void {
    this.#pace.wrote(Buffer.byteLength(data));
    if (this.#pace.isExceeded) this.#giveUp();
  }

  #took(): void {
    this.#pace.took();
    if (!this.#waiting) return;
    this.#waiting.deadline.cancel();
    if (this.#pace.isFull) this.#waiting.deadline = this.#deadline();
    else this.#settle(true);
  }

  #deadline(): Timer {
    return this.options.clock.schedule(() => this.#giveUp(), SLOW_AFTER_MS);
  }

  #giveUp(): void {
    if (this.#isGone) return;
    this.#gone();
    this.options.tooSlow();
  }

  #gone(): void {
    this.#isGone = true;
    this.#settle(false);
  }

  #settle(outcome: boolean): void {
    this.#waiting?.deadline.cancel();
    this.#waiting?.settle(outcome);
    this.#waiting = undefined;
  }
}
