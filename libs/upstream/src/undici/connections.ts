import { type buildConnector, Client } from 'undici';

/**
 * The connections to one origin: as many as there are requests at a time, each used again by later ones. undici's own
 * pool looks through all of them for one that is free, at each request; with thousands of users, each of whom keeps one
 * for a long poll, that cost more than all the rest of the request.
 */
export class Connections {
  readonly #all = new Set<Client>();
  readonly #free: Client[] = [];

  constructor(
    private readonly origin: string,
    private readonly connect: buildConnector.connector,
  ) {}

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
    const client = new Client(this.origin, { pipelining: 1, connect: this.connect });
    this.#all.add(client);
    client.on('disconnect', () => {
      const at = this.#free.indexOf(client);
      if (at < 0) return;
      this.#free.splice(at, 1);
      this.drop(client);
    });
    return client;
  }
}
