import { type UserId } from '@gw/kernel';

/**
 * How a request came to nothing. `unreachable`: there was no connection, which is nobody's fault in particular.
 * `unanswered`: it was sent, and no answer came; that may be due to what this user asked for.
 */
export type UpstreamFailure = 'unreachable' | 'unanswered';

/** Of so many users it is remembered that they waited in vain; more would change nothing. */
const MAX_USERS = 1_000;

interface Span {
  endsAt: number;
  answers: number;
  unreachable: number;
  readonly waitedInVain: Set<UserId>;
}

/** Answers and failures of the last moments: of one to two times `spanMs`. Failures of one user's count once. */
export class FailureWindow {
  #current = emptySpan(0);
  #former = emptySpan(0);

  constructor(private readonly spanMs: number) {}

  answered(now: number): void {
    this.#spanAt(now).answers += 1;
  }

  failed(now: number, user: UserId, failure: UpstreamFailure): void {
    const span = this.#spanAt(now);
    if (failure === 'unreachable') span.unreachable += 1;
    else if (span.waitedInVain.size < MAX_USERS) span.waitedInVain.add(user);
  }

  count(now: number): { readonly answers: number; readonly failures: number } {
    const { answers, unreachable, waitedInVain } = this.#spanAt(now);
    const former = this.#former;
    const users = new Set([...waitedInVain, ...former.waitedInVain]).size;
    return { answers: answers + former.answers, failures: unreachable + former.unreachable + users };
  }

  clear(): void {
    this.#current = emptySpan(0);
    this.#former = emptySpan(0);
  }

  #spanAt(now: number): Span {
    if (now < this.#current.endsAt) return this.#current;
    const isAdjacent = now < this.#current.endsAt + this.spanMs;
    this.#former = isAdjacent ? this.#current : emptySpan(now);
    this.#current = emptySpan(now + this.spanMs);
    return this.#current;
  }
}

const emptySpan = (endsAt: number): Span => ({
  endsAt,
  answers: 0,
  unreachable: 0,
  waitedInVain: new Set(),
});
