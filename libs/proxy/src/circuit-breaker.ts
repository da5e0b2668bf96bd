import { type Clock, type UserId } from '@gw/kernel';
import { FailureWindow, type UpstreamFailure } from './failure-window.js';

/** Failures in the window that open the circuit, if no more answers are beside them. */
const MIN_FAILURES = 5;

/** The window holds the last 5 to 10 s. */
const SPAN_MS = 5_000;

/** Until the first probe, and, after ever longer waits, between two. */
const FIRST_PROBE_MS = 1_000;
const MAX_PROBE_MS = 10_000;

export type CircuitDecision =
  /** Report what becomes of the request, with this decision. */
  | { readonly kind: 'closed' | 'probe' }
  /** Refuse it. `retryAfterMs`: until somebody's request is let through again. */
  | { readonly kind: 'open'; readonly retryAfterMs: number };

export type Admitted = Exclude<CircuitDecision, { kind: 'open' }>;

const CLOSED: Admitted = { kind: 'closed' };
const PROBE: Admitted = { kind: 'probe' };

/**
 * Spares clients the wait for an upstream that does not answer, and the gateway what waiting holds.
 *
 * Only silence counts: an answer, whatever its status, shows that the upstream is there, and passes through. The
 * circuit opens when in the last moments at least five failures stand against no more answers; what one user waits
 * for in vain counts once. While it is open one request after each pause is let through as a probe, and the first
 * probe that is answered closes it.
 */
export class CircuitBreaker {
  readonly #window = new FailureWindow(SPAN_MS);
  #open: { nextProbeAt: number; pauseMs: number } | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly onChange: (state: 'open' | 'closed') => void,
  ) {}

  admit(): CircuitDecision {
    const open = this.#open;
    if (!open) return CLOSED;
    const now = this.clock.now();
    if (now < open.nextProbeAt) return { kind: 'open', retryAfterMs: open.nextProbeAt - now };
    // Not after the probe's failure: it may take long to fail, and the upstream be back meanwhile.
    open.pauseMs = Math.min(open.pauseMs * 2, MAX_PROBE_MS);
    open.nextProbeAt = now + open.pauseMs;
    return PROBE;
  }

  answered(admitted: Admitted): void {
    if (!this.#open) this.#window.answered(this.clock.now());
    else if (admitted.kind === 'probe') this.#close();
  }

  failed(user: UserId, failure: UpstreamFailure): void {
    if (this.#open) return;
    const now = this.clock.now();
    this.#window.failed(now, user, failure);
    const { answers, failures } = this.#window.count(now);
    if (failures < MIN_FAILURES || failures < answers) return;
    this.#open = { nextProbeAt: now + FIRST_PROBE_MS, pauseMs: FIRST_PROBE_MS };
    this.onChange('open');
  }

  #close(): void {
    this.#open = undefined;
    this.#window.clear();
    this.onChange('closed');
  }
}
