import { type Clock } from '@gw/kernel';
import { LoginAttempts, type LoginAttempt } from '../login-attempts.js';

const DEFAULT_MAX_ATTEMPTS = 10_000;

/** Attempts of one process. */
export class MemoryLoginAttempts extends LoginAttempts {
  readonly #attempts = new Map<string, { attempt: LoginAttempt; until: number }>();

  constructor(
    private readonly clock: Clock,
    private readonly maxAttempts = DEFAULT_MAX_ATTEMPTS,
  ) {
    super();
  }

  override put(state: string, attempt: LoginAttempt, ttlMs: number): Promise<void> {
    this.#attempts.set(state, { attempt, until: this.clock.now() + ttlMs });
    const [oldest] = this.#attempts.keys();
    if (this.#attempts.size > this.maxAttempts && oldest !== undefined) this.#attempts.delete(oldest);
    return Promise.resolve();
  }

  override take(state: string): Promise<LoginAttempt | undefined> {
    const entry = this.#attempts.get(state);
    this.#attempts.delete(state);
    return Promise.resolve(entry && entry.until > this.clock.now() ? entry.attempt : undefined);
  }
}
