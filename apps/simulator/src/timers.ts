import { type Clock, type Timer } from '@gw/kernel';

/** Everything the simulator does later; `close()` forgets what has not happened yet. */
export class Timers {
  readonly #pending = new Set<Timer>();
  #closed = false;

  constructor(readonly clock: Clock) {}

  after(ms: number, task: () => void): Timer {
    const timer = this.clock.schedule(() => {
      this.#pending.delete(timer);
      if (!this.#closed) task();
    }, ms);
    this.#pending.add(timer);
    return {
      cancel: () => {
        this.#pending.delete(timer);
        timer.cancel();
      },
    };
  }

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#pending) timer.cancel();
    this.#pending.clear();
  }
}
