import { after, type SessionId, type Soon, type UserId } from '@gw/kernel';
import { type Access, type Tokens } from '@gw/tokens';
import { type Bearer, BearerSource } from '@gw/upstream';

const MAX_OFFERED = 50_000;

/**
 * The upstream's bearers are the access tokens of the user's sessions, and for a farewell that of the
 * session that has just ended.
 */
export class SessionBearers extends BearerSource {
  readonly #lent = new Map<UserId, string>();
  /** Whose token work in the background borrows; asked for at every poll of every user. */
  readonly #borrowed = new Map<UserId, SessionId>();
  /** A session that came by here, for when the list of the user's sessions is lost and they are not. */
  readonly #offered = new Map<UserId, SessionId>();

  constructor(private readonly tokens: Tokens) {
    super();
  }

  /** This session of the user's is alive. Bounded: who was offered longest ago goes first. */
  offer(user: UserId, session: SessionId): void {
    if (this.#offered.get(user) === session) return;
    this.#offered.delete(user);
    this.#offered.set(user, session);
    const [oldest] = this.#offered.keys();
    if (this.#offered.size > MAX_OFFERED && oldest !== undefined) this.#offered.delete(oldest);
  }

  /** While `farewell` runs, a user without any session is given the ended one's token. */
  async lend(user: UserId, token: string, farewell: () => Promise<void>): Promise<void> {
    // Of several sessions that end together, the newest comes first.
    if (this.#lent.has(user)) return farewell();
    this.#lent.set(user, token);
    try {
      await farewell();
    } finally {
      this.#lent.delete(user);
      this.#borrowed.delete(user);
    }
  }

  override bearer(user: UserId, session?: SessionId): Soon<Bearer> {
    if (session !== undefined) {
      this.offer(user, session);
      return after(this.tokens.access(session), bearerOf);
    }
    const id = this.#borrowed.get(user);
    if (id === undefined) return this.#borrow(user);
    return after(this.tokens.access(id), (access) =>
      access.kind === 'login-required' ? this.#borrow(user) : bearerOf(access),
    );
  }

  override async replace(user: UserId, refusedToken: string, session?: SessionId): Promise<Bearer> {
    const id = session ?? this.#borrowed.get(user) ?? (await this.tokens.ofUser(user));
    if (id === undefined) return { kind: 'signed-out' };
    const access = await this.tokens.replace(id, refusedToken);
    const hasEnded = session === undefined && access.kind === 'login-required';
    return hasEnded ? this.#borrow(user) : bearerOf(access);
  }

  /** From a session that lives; failing that, what is lent for a farewell. */
  async #borrow(user: UserId): Promise<Bearer> {
    this.#borrowed.delete(user);
    for (const id of [await this.tokens.ofUser(user), this.#offered.get(user)]) {
      const access = id === undefined ? undefined : await this.tokens.access(id);
      if (id === undefined || !access || access.kind === 'login-required') continue;
      this.#borrowed.set(user, id);
      return bearerOf(access);
    }
    this.#offered.delete(user);
    const token = this.#lent.get(user);
    return token === undefined ? { kind: 'signed-out' } : { kind: 'token', token };
  }
}

function bearerOf(access: Access): Bearer {
  return access.kind === 'login-required' ? { kind: 'signed-out' } : access;
}
