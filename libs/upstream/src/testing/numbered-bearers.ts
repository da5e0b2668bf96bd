import { type SessionId, type UserId } from '@gw/kernel';
import { type Bearer, BearerSource } from '../bearer-source.js';

/** Tokens `<user>-token-1`, `<user>-token-2` …: each replacement is the next. Counts redemptions. */
export class NumberedBearers extends BearerSource {
  redemptions = 0;
  /** When set, every question is answered with it. */
  outcome: Bearer | undefined;
  readonly #numbers = new Map<UserId, number>();

  override async bearer(user: UserId, _session?: SessionId): Promise<Bearer> {
    return this.outcome ?? { kind: 'token', token: this.#current(user) };
  }

  override async replace(user: UserId, refusedToken: string, _session?: SessionId): Promise<Bearer> {
    if (!this.outcome && refusedToken === this.#current(user)) {
      this.redemptions += 1;
      this.#numbers.set(user, (this.#numbers.get(user) ?? 1) + 1);
    }
    return this.bearer(user);
  }

  #current(user: UserId): string {
    return `${user}-token-${this.#numbers.get(user) ?? 1}`;
  }
}
