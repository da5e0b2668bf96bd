/** As the simulator's control. */
interface Publisher {
  publish(user: string, api: string, channel: string, data: unknown): number;
}

/** Publishes 0, 1, 2 … to a person at the platform, evenly, until stopped. */
export class NumberStream {
  readonly published: number[] = [];
  /** The same with the time of each, ms since the epoch. */
  readonly log: { readonly number: number; readonly at: number }[] = [];
  readonly #timer: NodeJS.Timeout;

  constructor(
    private readonly upstream: Publisher,
    private readonly user: string,
    private readonly api: string,
    private readonly channel: string,
    everyMs: number,
  ) {
    this.#timer = setInterval(() => this.next(), everyMs);
  }

  /** One more, now. */
  next(): number {
    const number = this.published.length;
    this.published.push(number);
    this.log.push({ number, at: Date.now() });
    this.upstream.publish(this.user, this.api, this.channel, number);
    return number;
  }

  /** Returns the last number. */
  stop(): number {
    clearInterval(this.#timer);
    return this.next();
  }
}
