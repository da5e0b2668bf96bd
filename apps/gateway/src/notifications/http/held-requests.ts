import { GatewayError, type UserId } from '@gw/kernel';
import { draining } from './endings.js';

/** Most requests that are held at one instance for one user. */
const MAX_PER_USER = 20;

/** Most requests that are held at one instance. */
const MAX_PER_INSTANCE = 20_000;

/** Within this time the clients of an instance that leaves come back elsewhere, in milliseconds. */
const DRAIN_SPREAD_MS = 5_000;

/** A request whose answer waits, or goes on, for notifications. */
export interface HeldRequest {
  readonly kind: 'poll' | 'stream';
  /** Ends it now: this instance leaves. Its client is to come back after this time. */
  drain(reconnectAfterMs: number): void;
}

/** The long polls and event streams at this instance: counted, bounded, and ended when it leaves. */
export class HeldRequests {
  /** In the order in which they came. */
  readonly #held = new Map<HeldRequest, UserId>();
  readonly #ofUser = new Map<UserId, number>();
  #isDraining = false;

  get isDraining(): boolean {
    return this.#isDraining;
  }

  count(kind: HeldRequest['kind']): number {
    let count = 0;
    for (const request of this.#held.keys()) if (request.kind === kind) count += 1;
    return count;
  }

  /**
   * Returns how to let go of it; idempotent.
   *
   * @throws {GatewayError} `too_many_requests_held` this user's, `held_requests_full` all users', `draining`.
   */
  hold(user: UserId, request: HeldRequest): () => void {
    this.#refuseIfFull(user);
    this.#held.set(request, user);
    this.#ofUser.set(user, (this.#ofUser.get(user) ?? 0) + 1);
    return () => this.#release(request);
  }

  /** Ends all, those that came first before the others. No more are held from now on. */
  drain(reconnectAfterMs: () => number = anyTime): void {
    this.#isDraining = true;
    for (const request of [...this.#held.keys()]) request.drain(reconnectAfterMs());
  }

  #refuseIfFull(user: UserId): void {
    if (this.#isDraining) throw draining();
    if ((this.#ofUser.get(user) ?? 0) >= MAX_PER_USER) {
      throw new GatewayError(
        'too_many_requests_held',
        'too_many_requests',
        `At most ${MAX_PER_USER} polls and streams of a person are held at a time`,
      );
    }
    if (this.#held.size >= MAX_PER_INSTANCE) {
      throw new GatewayError(
        'held_requests_full',
        'unavailable',
        'This instance holds as many polls and streams as it can',
      );
    }
  }

  #release(request: HeldRequest): void {
    const user = this.#held.get(request);
    if (user === undefined) return;
    this.#held.delete(request);
    const left = (this.#ofUser.get(user) ?? 0) - 1;
    if (left > 0) this.#ofUser.set(user, left);
    else this.#ofUser.delete(user);
  }
}

const anyTime = (): number => Math.round(Math.random() * DRAIN_SPREAD_MS);
