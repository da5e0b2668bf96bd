import { type Cursor, type GapEvent, type NotificationEvent, type ReadyEvent } from '@gw/contract';
import { ClientSink } from '@gw/fanout';
import { type SessionNotice } from '@gw/sessions';
import { type HeldRequest } from './held-requests.js';
import { draining, sessionEnded, stateUnavailable } from './endings.js';

/** Most notifications of one answer. */
const MAX_NOTIFICATIONS = 500;

/** About the size of an answer at which no more is put into it, in bytes; one notification always fits. */
const MAX_BYTES = 1_048_576;

/** What continuity could not be proved of: before the notifications that are with it. */
interface Gap extends GapEvent {
  /** All the APIs that it concerns; `api` is the first. */
  readonly apis: string[];
}

/**
 * One long poll: collects what it is given, and is answered as soon as that is all there is, or as much as
 * fits. A gap is told before what is newer; what comes before a gap is an answer of its own.
 */
export class LongPoll extends ClientSink implements HeldRequest {
  readonly kind = 'poll';
  /** The body of the answer; undefined when nobody waits for it any more. Rejects with a GatewayError. */
  readonly answer: Promise<string | undefined>;
  readonly #notifications: string[] = [];
  #bytes = 0;
  #gap: Gap | undefined;
  #cursor: Cursor | undefined;
  #waits: boolean;
  #isCaughtUp = false;
  #isFull = false;
  #isSettled = false;
  #resolve: (body: string | undefined) => void = () => {};
  #reject: (error: unknown) => void = () => {};

  constructor({ waits }: { readonly waits: boolean }) {
    super();
    this.#waits = waits;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  override ready({ cursor }: ReadyEvent): void {
    this.#cursor = cursor;
  }

  override notification(event: NotificationEvent): void {
    if (this.#isFull || this.#isSettled) return;
    const text = JSON.stringify(event);
    const bytes = Buffer.byteLength(text);
    if (this.#notifications.length > 0 && this.#bytes + bytes > MAX_BYTES) {
      this.#fill();
      return;
    }
    this.#notifications.push(text);
    this.#bytes += bytes;
    this.#cursor = event.cursor;
    if (this.#notifications.length >= MAX_NOTIFICATIONS) this.#fill();
  }

  override gap({ api, reason, cursor }: GapEvent): void {
    if (this.#isFull || this.#isSettled) return;
    const isOfAnother = this.#gap !== undefined && this.#gap.reason !== reason;
    if (this.#notifications.length > 0 || isOfAnother) {
      this.#fill();
      return;
    }
    const apis = new Set(this.#gap?.apis).add(api);
    const [first = api] = apis;
    this.#gap = { api: first, reason, cursor, apis: [...apis] };
    this.#cursor = cursor;
  }

  /** Its client asks for notifications only. */
  override upstream(): void {}

  override caughtUp(cursor: Cursor): void {
    if (this.#isFull || this.#isSettled) return;
    this.#cursor = cursor;
    this.#isCaughtUp = true;
    if (!this.#waits || this.#hasNews) this.#complete();
  }

  override isCongested(): boolean {
    return this.#isFull || this.#isSettled;
  }

  override drained(): Promise<boolean> {
    return Promise.resolve(false);
  }

  /** The time that the client wants to wait is over; `isLate`: and it is not even known what there is. */
  timeUp(isLate: boolean): void {
    this.#waits = false;
    if (this.#hasNews || this.#isCaughtUp) this.#complete();
    else if (isLate) this.fail(stateUnavailable());
  }

  sessionChanged({ state }: SessionNotice): void {
    if (state === 'ended') this.fail(sessionEnded());
    else if (state === 'unverifiable') this.fail(stateUnavailable());
  }

  /** With what there is: the next poll goes to another instance. */
  drain(): void {
    if (this.#cursor !== undefined) this.#complete();
    else this.fail(draining());
  }

  /** Its client has gone. */
  abandon(): void {
    this.#isSettled = true;
    this.#resolve(undefined);
  }

  fail(error: unknown): void {
    this.#isSettled = true;
    this.#reject(error);
  }

  get #hasNews(): boolean {
    return this.#gap !== undefined || this.#notifications.length > 0;
  }

  /** What does not fit is asked for by the next poll. */
  #fill(): void {
    this.#isFull = true;
    this.#complete();
  }

  #complete(): void {
    this.#isSettled = true;
    const rest = JSON.stringify({ cursor: this.#cursor, gap: this.#gap });
    this.#resolve(`{"notifications":[${this.#notifications.join(',')}],${rest.slice(1)}`);
  }
}
