import { type Clock, type Timer } from '@gw/kernel';
import { type ProbedReadiness, type Readiness } from '@gw/upstream';

export type ReadinessOutcome = 'complete' | 'failed' | 'unconfirmed';

/** How often the upstream is asked while its message does not come, in milliseconds. */
const PROBE_EVERY_MS = 5_000;

/**
 * Waits for an API that initialises in the background: for its message, or for what its probe says.
 * When neither says anything in time the API counts as ready, unconfirmed: it may be an upstream that
 * says nothing.
 */
export class ReadinessWatch {
  #timer: Timer | undefined;
  #settled = false;
  readonly #deadline: number;

  constructor(
    private readonly readiness: Readiness,
    private readonly probe: () => Promise<ProbedReadiness>,
    private readonly clock: Clock,
    private readonly settled: (outcome: ReadinessOutcome) => void,
  ) {
    this.#deadline = clock.now() + readiness.timeoutMs;
  }

  /** `fresh`: initialisation has just begun, so its message is still to come. */
  start(fresh: boolean): void {
    if (fresh) this.#probeLater();
    else void this.#probeNow(false);
  }

  observe(channel: string, data: unknown): void {
    const { channel: expected, messageType, stateMember, complete, failed } = this.readiness;
    if (channel !== expected || typeof data !== 'object' || data === null) return;
    const message = data as Readonly<Record<string, unknown>>;
    if (message.messageType !== messageType) return;
    if (message[stateMember] === complete) this.#settle('complete');
    else if (message[stateMember] === failed) this.#settle('failed');
  }

  close(): void {
    this.#settled = true;
    this.#timer?.cancel();
  }

  #probeLater(): void {
    const left = this.#deadline - this.clock.now();
    this.#timer = this.clock.schedule(() => void this.#probeNow(true), Math.min(left, PROBE_EVERY_MS));
  }

  async #probeNow(waits: boolean): Promise<void> {
    const found = await this.probe();
    if (this.#settled) return;
    if (found === 'complete' || found === 'failed') this.#settle(found);
    else if (this.clock.now() >= this.#deadline) this.#settle('unconfirmed');
    else if (found === 'unknown' && !waits) this.#settle('unconfirmed');
    else this.#probeLater();
  }

  #settle(outcome: ReadinessOutcome): void {
    if (this.#settled) return;
    this.close();
    this.settled(outcome);
  }
}
