import {
  type Cursor,
  type GapEvent,
  type NotificationEvent,
  type ReadyEvent,
  type UpstreamEvent,
} from '@gw/contract';
import { ClientSink } from '../client-sink.js';

export type SentEvent =
  | ({ readonly kind: 'ready' } & ReadyEvent)
  | ({ readonly kind: 'notification' } & NotificationEvent)
  | ({ readonly kind: 'gap' } & GapEvent)
  | ({ readonly kind: 'upstream' } & UpstreamEvent);

/** Keeps what a client is sent, and can be slow to take it. */
export class RecordingSink extends ClientSink {
  readonly events: SentEvent[] = [];
  /** After so many events since it was last drained it is congested. */
  capacity = Infinity;
  /** Each time that it was told to have all: up to where, and how many events it had by then. */
  readonly caughtUpAt: { readonly cursor: Cursor; readonly events: number }[] = [];
  #waiting = 0;
  readonly #draining = new Set<(took: boolean) => void>();

  override ready(event: ReadyEvent): void {
    this.#send({ kind: 'ready', ...event });
  }

  override notification(event: NotificationEvent): void {
    this.#send({ kind: 'notification', ...event });
  }

  override gap(event: GapEvent): void {
    this.#send({ kind: 'gap', ...event });
  }

  override upstream(event: UpstreamEvent): void {
    this.#send({ kind: 'upstream', ...event });
  }

  override caughtUp(cursor: Cursor): void {
    this.caughtUpAt.push({ cursor, events: this.events.length });
  }

  override isCongested(): boolean {
    return this.#waiting >= this.capacity;
  }

  override drained(): Promise<boolean> {
    if (!this.isCongested()) return Promise.resolve(true);
    return new Promise((resolve) => this.#draining.add(resolve));
  }

  /** The client took what waited; with false it is gone. */
  drain(took = true): void {
    this.#waiting = 0;
    for (const resolve of this.#draining) resolve(took);
    this.#draining.clear();
  }

  get firstReady(): ReadyEvent {
    const ready = this.events.find((event) => event.kind === 'ready');
    if (!ready) throw new Error('the client never was ready');
    return ready;
  }

  get notifications(): NotificationEvent[] {
    return this.events.filter((event) => event.kind === 'notification');
  }

  get data(): unknown[] {
    return this.notifications.map(({ data }) => data);
  }

  get gaps(): GapEvent[] {
    return this.events.filter((event) => event.kind === 'gap');
  }

  /** States of one API, in the order they were told, without `ready`'s. */
  statesOf(api: string): string[] {
    return this.events.flatMap((event) =>
      event.kind === 'upstream' && event.api === api
        ? [event.reason === undefined ? event.state : `${event.state} (${event.reason})`]
        : [],
    );
  }

  /** Notifications by their data and gaps by their reason, in order. */
  get story(): unknown[] {
    return this.events.flatMap((event) => {
      if (event.kind === 'notification') return [event.data];
      return event.kind === 'gap' ? [`gap ${event.reason} ${event.api}`] : [];
    });
  }

  /** The last position that the client was told. */
  get cursor(): string {
    const last = this.events.findLast((event) => event.kind !== 'upstream');
    if (!last) throw new Error('the client was told no cursor');
    return last.cursor;
  }

  #send(event: SentEvent): void {
    this.#waiting += 1;
    this.events.push(event);
  }
}
