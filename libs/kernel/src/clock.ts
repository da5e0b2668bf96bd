/** The only source of time. Domain code takes one, so that tests can move it. */
export abstract class Clock {
  /** Milliseconds since the Unix epoch. */
  abstract now(): number;
  /** Runs `task` once, `ms` milliseconds from now. The timer keeps no process alive. */
  abstract schedule(task: () => void, ms: number): Timer;
}

export interface Timer {
  /** Idempotent; after it the task does not run. */
  cancel(): void;
}

/** setTimeout fires at once for anything longer; such waits are cut and simply checked again. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

export class SystemClock extends Clock {
  override now(): number {
    return Date.now();
  }

  override schedule(task: () => void, ms: number): Timer {
    return new SystemTimer(setTimeout(task, Math.min(Math.max(ms, 0), MAX_TIMEOUT_MS)).unref());
  }
}

class SystemTimer implements Timer {
  constructor(private readonly timeout: NodeJS.Timeout) {}

  cancel(): void {
    // Of a timer that keeps no process alive Node keeps the list for its duration until that is over, even
    // when nothing is in it; with random durations each timer has a list of its own.
    clearTimeout(this.timeout.ref());
  }
}
