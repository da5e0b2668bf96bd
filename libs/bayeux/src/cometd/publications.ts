import { type CometD } from 'cometd';

/** What we publish, until the server has answered. */
export class Publications {
  #waiting: readonly ((taken: boolean) => void)[] = [];

  constructor(private readonly cometd: CometD) {}

  /** Resolves with whether the server took it; false also when it will not answer any more. */
  publish(channel: string, data: unknown): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (taken: boolean) => {
        this.#waiting = this.#waiting.filter((each) => each !== settle);
        resolve(taken);
      };
      this.cometd.publish(channel, data, ({ successful }) => settle(successful === true));
      this.#waiting = [...this.#waiting, settle];
    });
  }

  /** The library forgets a request that it had not sent yet: nobody waits for its answer. */
  stop(): void {
    for (const settle of this.#waiting) settle(false);
  }
}
