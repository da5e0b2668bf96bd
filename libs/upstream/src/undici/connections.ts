import { type buildConnector, Client, type Dispatcher } from 'undici';

/**
 * The connections to one origin: as many as there are requests at a time, each used again by later ones. undici's own
 * pool looks through all of them for one that is free, at each request; with thousands of users, each of whom keeps one
 * for a long poll, that cost more than all the rest of the request.
 */
export class Connections {
  readonly #all = new Set<Client>();
  readonly #free: Client[] = [];
  /** Parsed once: each client would keep one of its own. */
  readonly #origin: URL;

  constructor(
    origin: string,
    private readonly connect: buildConnector.connector,
  ) {
    this.#origin = new URL(origin);
  }

  /** For one request; to be given back, or dropped, when that has ended. */
  take(): Client {
    return this.#free.pop() ?? this.#open();
  }

  giveBack(client: Client): void {
    if (this.#all.has(client)) this.#free.push(client);
  }

  /** Who knows what is on its way there: it is not used again. */
  drop(client: Client): void {
    this.#all.delete(client);
    void client.destroy();
  }

  /** Ends what is under way. */
  async destroy(): Promise<void> {
    const all = [...this.#all];
    this.#all.clear();
    await Promise.all(all.map((client) => client.destroy()));
  }

  #open(): Client {
    const client = new Client(this.#origin, { pipelining: 1, connect: this.connect });
    this.#all.add(client);
    client.on('disconnect', this.#disconnected);
    return client;
  }

  /** One for all of them. */
  readonly #disconnected = (_origin: URL, [client]: readonly Dispatcher[]): void => {
    const at = this.#free.findIndex((free) => free === client);
    const [gone] = at < 0 ? [] : this.#free.splice(at, 1);
    if (gone) this.drop(gone);
  };
}
