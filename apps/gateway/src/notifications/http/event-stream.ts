import {
  type Cursor,
  type DrainEvent,
  type GapEvent,
  type NotificationEvent,
  type ReadyEvent,
  type ServerToClientEvents,
  type SessionEvent,
  type UpstreamEvent,
} from '@gw/contract';
import { ClientSink } from '@gw/fanout';
import { type Clock, type GatewayError, type Timer } from '@gw/kernel';
import { type SessionNotice } from '@gw/sessions';
import { type HeldRequest } from './held-requests.js';
import { draining, sessionEnded, stateUnavailable } from './endings.js';

/** What carries the stream: the part of an HTTP answer that it uses. */
export interface StreamResponse {
  readonly writableLength: number;
  write(text: string): boolean;
  end(): unknown;
  destroy(): unknown;
  once(event: 'drain' | 'close', listener: () => void): unknown;
  off(event: 'drain' | 'close', listener: () => void): unknown;
}

export interface EventStreamOptions {
  /** Sends the head of the answer; called once, with the first event. */
  readonly open: () => StreamResponse;
  /** The cursor that the client came with. */
  readonly after: Cursor | undefined;
  readonly clock: Clock;
  /** Bytes that may wait for the network before a client counts as congested. */
  readonly bufferBytes: number;
  readonly tooSlow: () => void;
}

/** How long a congested client has to take what waits, in milliseconds. */
const SLOW_AFTER_MS = 10_000;

/** Silence after which something is sent, in milliseconds: proxies end what is silent, and a dead client shows. */
const HEARTBEAT_MS = 15_000;

/** How long a browser waits before it comes back, in milliseconds. */
const RETRY_MS = 2_000;

/** What is left to send when a stream ends may take this long, in milliseconds. */
const FAREWELL_MS = 1_000;

/**
 * A client of `text/event-stream` (HTML Living Standard §9.2): the events of the Socket.IO interface, with
 * the cursor as the event's id, so that a browser that comes back by itself says where it was.
 */
export class EventStream extends ClientSink implements HeldRequest {
  readonly kind = 'stream';
  #response: StreamResponse | undefined;
  #heartbeat: Timer | undefined;
  /** Where the client is if it heard all that was sent; undefined when it was told so already. */
  #untoldCursor: Cursor | undefined;
  #isOver = false;
  /** Why it ended before it began. */
  #refusal: GatewayError | undefined;

  constructor(private readonly options: EventStreamOptions) {
    super();
  }

  /** @throws {GatewayError} when it ended before anything was sent. */
  requireOpen(): void {
    if (this.#refusal) throw this.#refusal;
  }

  override ready(event: ReadyEvent): void {
    const { open, after } = this.options;
    if (this.#isOver) return;
    this.#response = open();
    this.#response.once('close', () => this.#stop());
    this.#response.write(`retry: ${RETRY_MS}\n`);
    this.#beat();
    // Where a gap follows, `ready` is past it already: whoever is cut off in between must not skip it.
    const isWhereClientWas = after === undefined || after === event.cursor;
    this.#send('ready', event, isWhereClientWas ? event.cursor : undefined);
  }

  override notification(event: NotificationEvent): void {
    this.#send('notification', event, event.cursor);
  }

  override gap(event: GapEvent): void {
    this.#send('gap', event, event.cursor);
  }

  override upstream(event: UpstreamEvent): void {
    this.#send('upstream', event);
  }

  override caughtUp(cursor: Cursor): void {
    this.#untoldCursor = cursor;
  }

  override isCongested(): boolean {
    return this.#response !== undefined && this.#response.writableLength >= this.options.bufferBytes;
  }

  override drained(): Promise<boolean> {
    const response = this.#response;
    if (!response || this.#isOver) return Promise.resolve(false);
    if (!this.isCongested()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const settle = (outcome: boolean) => {
        deadline.cancel();
        response.off('drain', drained);
        response.off('close', closed);
        resolve(outcome);
      };
      const drained = () => settle(true);
      const closed = () => settle(false);
      const deadline = this.options.clock.schedule(() => {
        this.options.tooSlow();
        this.#cutOff();
        settle(false);
      }, SLOW_AFTER_MS);
      response.once('drain', drained);
      response.once('close', closed);
    });
  }

  sessionChanged(notice: SessionNotice): void {
    if (notice.state === 'unverifiable') {
      // The session may be fine: the client comes back by itself, to an instance that can tell.
      this.#refusal ??= stateUnavailable();
      this.#cutOff();
      return;
    }
    const { state, reason, at } = notice;
    const event: SessionEvent = { state, reason, at: new Date(at).toISOString() };
    this.#send('session', event);
    if (state === 'ended') this.#end(sessionEnded());
  }

  drain(reconnectAfterMs: number): void {
    const event: DrainEvent = { reconnectAfterMs };
    if (!this.#isOver) this.#response?.write(`retry: ${reconnectAfterMs}\n`);
    this.#send('drain', event);
    this.#end(draining());
  }

  /** Nothing more comes; what was sent has a moment to get through. */
  #end(reason: GatewayError): void {
    if (this.#isOver) return;
    this.#refusal ??= reason;
    this.#stop();
    const response = this.#response;
    response?.end();
    this.options.clock.schedule(() => response?.destroy(), FAREWELL_MS);
  }

  #cutOff(): void {
    this.#stop();
    this.#response?.destroy();
  }

  #stop(): void {
    this.#isOver = true;
    this.#heartbeat?.cancel();
  }

  #send(name: keyof ServerToClientEvents, event: object, id?: Cursor): void {
    if (this.#isOver || !this.#response) return;
    if (id !== undefined) this.#untoldCursor = undefined;
    const head = id === undefined ? '' : `id: ${id}\n`;
    // JSON has no line break outside of strings, and none inside of them.
    this.#response.write(`${head}event: ${name}\ndata: ${JSON.stringify(event)}\n\n`);
  }

  /** An id without data moves the client on without an event; a comment keeps the line open. */
  #beat(): void {
    this.#heartbeat = this.options.clock.schedule(() => {
      const moves = this.#untoldCursor === undefined ? '' : `id: ${this.#untoldCursor}\n`;
      if (!this.isCongested()) {
        this.#response?.write(`:\n${moves}\n`);
        this.#untoldCursor = undefined;
      }
      this.#beat();
    }, HEARTBEAT_MS);
  }
}
