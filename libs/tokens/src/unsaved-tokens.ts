import { type Clock, type SessionId } from '@gw/kernel';
import { type Session, type TokenSet } from '@gw/sessions';

const MAX_SESSIONS = 10_000;
const RETRY_MS = 1_000;

/**
 * Tokens that were redeemed and could not be stored. The refresh token in the store is spent, so these are
 * all that the session can go on with: storing them is tried until it works. Bounded: the oldest go.
 */
export class UnsavedTokens {
  readonly #tokens = new Map<SessionId, { readonly inPlaceOf: string; readonly tokens: TokenSet }>();

  constructor(
    private readonly clock: Clock,
    private readonly saveAgain: (session: Session) => Promise<unknown>,
  ) {}

  /** False when they were kept already. */
  keep(session: Session, tokens: TokenSet): boolean {
    if (this.of(session) === tokens) return false;
    this.#tokens.delete(session.id);
    this.#tokens.set(session.id, { inPlaceOf: session.tokens.accessToken.reveal(), tokens });
    const [oldest] = this.#tokens.keys();
    if (this.#tokens.size > MAX_SESSIONS && oldest !== undefined) this.#tokens.delete(oldest);
    this.#retryLater(session);
    return true;
  }

  /** Undefined also when the session has got other tokens since. */
  of({ id, tokens }: Session): TokenSet | undefined {
    const unsaved = this.#tokens.get(id);
    return unsaved?.inPlaceOf === tokens.accessToken.reveal() ? unsaved.tokens : undefined;
  }

  /** Gives what was there. */
  drop(id: SessionId): TokenSet | undefined {
    const tokens = this.#tokens.get(id)?.tokens;
    this.#tokens.delete(id);
    return tokens;
  }

  #retryLater(session: Session): void {
    this.clock.schedule(() => {
      if (!this.#tokens.has(session.id)) return;
      const again = () => this.#retryLater(session);
      this.saveAgain(session).then(again, again);
    }, RETRY_MS);
  }
}
