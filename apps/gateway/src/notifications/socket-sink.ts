import {
  type GapEvent,
  type NotificationEvent,
  type ReadyEvent,
  type ReplacedEvent,
  type SessionEvent,
  type UpstreamEvent,
} from '@gw/contract';
import { ClientSink } from '@gw/fanout';
import { type Clock } from '@gw/kernel';
import { type GatewaySocket } from './gateway-socket.js';

/** Events that may wait for the network before a client counts as congested. */
const MAX_WAITING = 64;

/** How long a congested client has to take what waits, in milliseconds. */
const SLOW_AFTER_MS = 10_000;

/** A Socket.IO client as the fan-out sees it. */
export class SocketSink extends ClientSink {
  #waiting = 0;

  constructor(
    private readonly socket: GatewaySocket,
    private readonly clock: Clock,
    private readonly tooSlow: () => void,
  ) {
    super();
    // Engine.IO emits it when everything that was written has left this process.
    socket.conn.on('drain', () => (this.#waiting = 0));
  }

  override ready(event: ReadyEvent): void {
    this.#send(() => this.socket.emit('ready', event));
  }

  override notification(event: NotificationEvent): void {
    this.#send(() => this.socket.emit('notification', event));
  }

  override gap(event: GapEvent): void {
    this.#send(() => this.socket.emit('gap', event));
  }

  override upstream(event: UpstreamEvent): void {
    this.#send(() => this.socket.emit('upstream', event));
  }

  session(event: SessionEvent): void {
    this.#send(() => this.socket.emit('session', event));
  }

  replaced(event: ReplacedEvent): void {
    this.#send(() => this.socket.emit('replaced', event));
  }

  override isCongested(): boolean {
    return this.#waiting >= MAX_WAITING;
  }

  override drained(): Promise<boolean> {
    const { conn } = this.socket;
    if (!this.isCongested()) return Promise.resolve(this.socket.connected);
    return new Promise((resolve) => {
      const settle = (outcome: boolean) => {
        deadline.cancel();
        conn.off('drain', drained);
        conn.off('close', closed);
        resolve(outcome);
      };
      const drained = () => settle(true);
      const closed = () => settle(false);
      const deadline = this.clock.schedule(() => {
        this.tooSlow();
        settle(false);
      }, SLOW_AFTER_MS);
      conn.once('drain', drained);
      conn.once('close', closed);
    });
  }

  #send(emit: () => void): void {
    this.#waiting += 1;
    emit();
  }
}
