import { type UserId } from '@gw/kernel';

/**
 * How many requests each user has under way at this instance. Requests that an upstream does not answer hold
 * connections and memory until their deadline: one user may hold only so many.
 */
export class InFlight {
  readonly #counts = new Map<UserId, number>();

  constructor(private readonly maxPerUser: number) {}

  /** False when the user has as many as allowed; after true, `leave` must follow, once. */
  enter(user: UserId): boolean {
    const count = this.#counts.get(user) ?? 0;
    if (count >= this.maxPerUser) return false;
    this.#counts.set(user, count + 1);
    return true;
  }

  leave(user: UserId): void {
    const count = this.#counts.get(user) ?? 0;
    if (count > 1) this.#counts.set(user, count - 1);
    else this.#counts.delete(user);
  }
}
