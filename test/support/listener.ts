import { type Heard } from './history.js';
import { type Person } from './person.js';
import { type SocketClient } from './socket-client.js';

export interface ListenerOptions {
  readonly person: Person;
  readonly api: string;
  readonly channel: string;
  /** Of the gateways, as `Person.through` takes them: the first, and where it turns when its socket breaks, in turn. */
  readonly addresses: readonly [string, ...string[]];
}

const TRY_AGAIN_MS = 200;

/**
 * A client as clients should be: whenever its socket breaks, or cannot be made, it comes back elsewhere
 * with its cursor, until it is told that the session has ended. Its notifications are numbers.
 */
export class Listener {
  readonly #sockets: SocketClient[] = [];
  #again: NodeJS.Timeout | undefined;
  #closed = false;
  #isSignedOut = false;

  constructor(private readonly options: ListenerOptions) {
    this.#open();
  }

  /** Over all its sockets. */
  get heard(): Heard {
    const { api, channel } = this.options;
    return this.#sockets.flatMap(({ received }) =>
      received.flatMap((event): Heard => {
        if (event.type === 'gap') return event.api === api ? ['gap'] : [];
        if (event.type !== 'notification' || event.channel !== channel) return [];
        return typeof event.data === 'number' ? [event.data] : [];
      }),
    );
  }

  get gaps(): string[] {
    return this.#sockets.flatMap(({ gaps }) => gaps.map(({ reason }) => reason));
  }

  /** What it was told of the API: `state`, or `state: reason`. */
  get states(): string[] {
    return this.#sockets.flatMap(({ received }) =>
      received.flatMap((event) => {
        if (event.type !== 'upstream' || event.api !== this.options.api) return [];
        return event.reason === undefined ? event.state : `${event.state}: ${event.reason}`;
      }),
    );
  }

  /** How many sockets it needed so far. */
  get sockets(): number {
    return this.#sockets.length;
  }

  /** It was told that its session has ended, or that there is none. */
  get isSignedOut(): boolean {
    return this.#isSignedOut;
  }

  /** Waits until the API delivers to it for the first time. */
  connected(): Promise<void> {
    return this.#newest.connected(this.options.api);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#again);
    this.#newest.close();
  }

  get #newest(): SocketClient {
    return this.#sockets.at(-1)!;
  }

  get #cursor(): string | undefined {
    for (const { received } of this.#sockets.toReversed()) {
      const last = received.findLast((event) => 'cursor' in event);
      if (last) return last.cursor;
    }
    return undefined;
  }

  #open(): void {
    const { person, api, channel, addresses } = this.options;
    const address = addresses[this.#sockets.length % addresses.length]!;
    const after = this.#cursor;
    const client = person
      .through(address)
      .openTab({ channels: [{ api, channel }], ...(after !== undefined && { after }) });
    this.#sockets.push(client);
    client.socket.on('session', ({ state }) => (this.#isSignedOut ||= state === 'ended'));
    client.socket.on('disconnect', () => this.#comeBack());
    client.socket.on('connect_error', (error: Error & { data?: { code?: string } }) => {
      this.#isSignedOut ||= error.data?.code === 'unauthenticated';
      this.#comeBack();
    });
  }

  #comeBack(): void {
    if (this.#closed || this.#isSignedOut) return;
    clearTimeout(this.#again);
    this.#again = setTimeout(() => this.#open(), TRY_AGAIN_MS);
  }
}
