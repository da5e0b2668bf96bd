import { type Clock, type Timer } from '@gw/kernel';

/** How often sessions that nobody watches are looked through for those whose time is over. */
export const SWEEP_INTERVAL_MS = 30_000;

/** Runs `sweep` again and again, a pause after each run; a failed run does not stop it. */
export class SessionSweep {
  #timer: Timer | undefined;
  #running: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(
    private readonly clock: Clock,
    private readonly sweep: () => Promise<void>,
    private readonly failed: (error: unknown) => void,
  ) {}

  start(): void {
    if (this.#closed || this.#timer) return;
    this.#timer = this.clock.schedule(() => {
      this.#running = this.#run();
    }, SWEEP_INTERVAL_MS);
  }

  /** Idempotent; waits for a run that is under way. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    await this.#running;
  }

  async #run(): Promise<void> {
    try {
      await this.sweep();
    } catch (error) {
      this.failed(error);
    }
    this.#timer = undefined;
    this.start();
  }
}
