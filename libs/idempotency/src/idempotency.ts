import { randomUUID } from 'node:crypto';
import { type Clock, GatewayError, type UserId } from '@gw/kernel';
import { type IdempotencyEvents } from './idempotency-events.js';
import { type Claim, type KeptAnswer, type KeyStore } from './key-store.js';

export type Begun =
  | { readonly kind: 'first'; readonly run: KeyedRun }
  | { readonly kind: 'repeat'; readonly answer: KeptAnswer }
  | { readonly kind: 'refused'; readonly error: GatewayError; readonly retryAfterMs: number | undefined };

/** The one request of a key. One of these ends it; without any, the key is `unknown` when its time is over. */
export interface KeyedRun {
  /** Resolves when the answer is kept, or cannot be just now. Never rejects. */
  answered(answer: KeptAnswer): Promise<void>;
  /** The request may have been made, and there is no answer that could be given again. Never rejects. */
  unknown(): Promise<void>;
  /** The request was not made. Never rejects. */
  notMade(): Promise<void>;
}

export interface IdempotencyOptions {
  /** Longest time from a request's beginning to its answer, in milliseconds. */
  readonly runMs: number;
}

/** Pauses before what could not be written is written again, in milliseconds. */
const WRITE_AGAIN_MS = [500, 2_000, 8_000];

/** A client that is told to come back asks again this often, in milliseconds. */
const ASK_AGAIN_MS = 1_000;

/** Makes the request of a key once, and gives its answer again to whoever repeats it. */
export class Idempotency {
  constructor(
    private readonly store: KeyStore,
    private readonly clock: Clock,
    private readonly events: IdempotencyEvents,
    private readonly options: IdempotencyOptions,
  ) {}

  /** Before the request is made. When the keys cannot be reached, it is refused: nothing would guard it. */
  async begin(user: UserId, key: string, fingerprint: string): Promise<Begun> {
    const token = randomUUID();
    let claim: Claim;
    try {
      claim = await this.store.claim(user, key, { token, fingerprint, runMs: this.options.runMs });
    } catch (cause) {
      if (!(cause instanceof GatewayError)) throw cause;
      return this.#refuse(user, unavailable(cause), ASK_AGAIN_MS);
    }
    if (claim.kind === 'claimed') return { kind: 'first', run: this.#run(user, key, token) };
    const error = refusalOf(claim, fingerprint);
    if (error) return this.#refuse(user, error, retryAfterOf(claim, fingerprint));
    if (claim.kind !== 'answered') throw new Error('A claim without an answer is refused');
    this.events.repeated(user);
    return { kind: 'repeat', answer: claim.answer };
  }

  #run(user: UserId, key: string, token: string): KeyedRun {
    const write = (act: () => Promise<void>) => this.#write(user, act);
    return {
      answered: (answer) => write(() => this.store.settle(user, key, token, answer)),
      unknown: () => write(() => this.store.settle(user, key, token, 'unknown')),
      notMade: () => write(() => this.store.release(user, key, token)),
    };
  }

  /** The first attempt is waited for; others follow in the background. */
  async #write(user: UserId, act: () => Promise<void>, attempt = 0): Promise<void> {
    try {
      await act();
    } catch (error) {
      const pauseMs = WRITE_AGAIN_MS[attempt];
      if (pauseMs === undefined) this.events.notKept(user, error);
      else this.clock.schedule(() => void this.#write(user, act, attempt + 1), pauseMs);
    }
  }

  #refuse(user: UserId, error: GatewayError, retryAfterMs: number | undefined): Begun {
    this.events.refused(user, error.code);
    return { kind: 'refused', error, retryAfterMs };
  }
}

function retryAfterOf(claim: Claim, fingerprint: string): number | undefined {
  if (claim.kind === 'full') return claim.leftMs;
  return claim.kind === 'running' && claim.fingerprint === fingerprint ? ASK_AGAIN_MS : undefined;
}

/** Statuses as the draft has them, §2.6 and §2.7. */
function refusalOf(
  claim: Exclude<Claim, { kind: 'claimed' }>,
  fingerprint: string,
): GatewayError | undefined {
  if (claim.kind === 'full') {
    const text = 'too many idempotency keys were used lately';
    return new GatewayError('too_many_idempotency_keys', 'too_many_requests', text);
  }
  if (claim.fingerprint !== fingerprint) {
    const text = 'this idempotency key was used for another request';
    return new GatewayError('idempotency_key_reused', 'unprocessable', text);
  }
  if (claim.kind === 'running') {
    const text = 'the first request with this idempotency key is still under way';
    return new GatewayError('idempotency_in_progress', 'conflict', text);
  }
  if (claim.kind === 'unknown') {
    const text = 'the request with this idempotency key may have been carried out; its answer is not known';
    return new GatewayError('idempotency_result_unknown', 'conflict', text);
  }
  return undefined;
}

function unavailable(cause: unknown): GatewayError {
  const text = 'idempotency keys cannot be looked up just now; the request was not made';
  return new GatewayError('idempotency_unavailable', 'unavailable', text, { cause });
}
