import { type Simulator } from '@gw/simulator';

/** Publishes 0, 1, 2 … to a person at the simulator, evenly, until stopped. */
export class NumberStream {
  readonly published: number[] = [];
  readonly #timer: NodeJS.Timeout;

  constructor(
    private readonly control: Simulator['control'],
    private readonly user: string,
    private readonly api: 'workspace',
    private readonly channel: string,
    everyMs: number,
  ) {
    this.#timer = setInterval(() => this.next(), everyMs);
  }

  /** One more, now. */
  next(): number {
    const number = this.published.length;
    this.published.push(number);
    this.control.publish(this.user, this.api, this.channel, number);
    return number;
  }

  /** Returns the last number. */
  stop(): number {
    clearInterval(this.#timer);
    return this.next();
  }
}
