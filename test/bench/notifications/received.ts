import { percentile } from '../measuring/distribution.js';
import { nowMs } from '../measuring/now.js';
import { isBenchEvent } from '../platform/bench-event.js';

export interface Latencies {
  readonly received: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** How long the notifications of the current run were on their way. */
export class Received {
  #run = 0;
  #latenciesMs: number[] = [];

  begin(run: number): void {
    this.#run = run;
    this.#latenciesMs = [];
  }

  add(data: unknown): void {
    if (isBenchEvent(data) && data.run === this.#run) this.#latenciesMs.push(nowMs() - data.sentAt);
  }

  result(): Latencies {
    const latenciesMs = this.#latenciesMs;
    return {
      received: latenciesMs.length,
      p50Ms: percentile(latenciesMs, 0.5),
      p99Ms: percentile(latenciesMs, 0.99),
    };
  }
}
