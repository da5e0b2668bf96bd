import { type Clock, type SessionId } from '@gw/kernel';
import { type Session, type SessionEndReason, type Sessions } from '@gw/sessions';
import { type AuthorizationServer, type TokensEvents } from '@gw/tokens';

/** What an ended session leaves to tidy up; its token still works while this runs. */
export type CleanupStep = (session: Session, reason: SessionEndReason) => Promise<void>;

const STEP_TIMEOUT_MS = 5_000;
/** The ends that somebody wanted; a session that ran out may leave a token that others still borrow. */
const SIGNED_OUT_REASONS: ReadonlySet<SessionEndReason> = new Set(['logout', 'revoked']);

/**
 * Runs behind the end of each session: first the registered steps, in their order, then the sign-out of
 * the session's token. Best effort: a step that fails or takes too long does not keep the next from running.
 */
export class SessionCleanup {
  readonly #steps: CleanupStep[] = [];
  readonly #running = new Map<SessionId, Promise<void>>();
  #stop: (() => void) | undefined;

  constructor(
    private readonly sessions: Sessions,
    private readonly server: AuthorizationServer,
    private readonly clock: Clock,
    private readonly events: TokensEvents,
  ) {}

  /** Registers a step for the ends of all sessions, whatever the reason. */
  beforeSignOut(step: CleanupStep): void {
    this.#steps.push(step);
  }

  start(): void {
    this.#stop ??= this.sessions.onEnded((session, reason) => {
      const cleanup = this.#run(session, reason).finally(() => this.#running.delete(session.id));
      this.#running.set(session.id, cleanup);
    });
  }

  /** Resolves when the clean-up behind this session's end is done, or after `timeoutMs`. */
  async finished(id: SessionId, timeoutMs: number): Promise<void> {
    const cleanup = this.#running.get(id);
    if (cleanup) await this.#withinTime(cleanup, timeoutMs).catch(() => {});
  }

  /** Idempotent; waits for what is under way, which has its deadlines. */
  async close(): Promise<void> {
    this.#stop?.();
    await Promise.all(this.#running.values());
  }

  async #run(session: Session, reason: SessionEndReason): Promise<void> {
    for (const step of this.#steps) await this.#attempt(session, () => step(session, reason));
    if (!SIGNED_OUT_REASONS.has(reason)) return;
    await this.#attempt(session, async () => {
      await this.server.signOut(session.tokens.accessToken);
      this.events.signedOut(session.user.id);
    });
  }

  async #attempt(session: Session, step: () => Promise<void>): Promise<void> {
    try {
      await this.#withinTime(step(), STEP_TIMEOUT_MS);
    } catch (error) {
      this.events.signOutFailed(session.user.id, error);
    }
  }

  #withinTime(work: Promise<void>, timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = this.clock.schedule(() => reject(new Error('A clean-up step took too long')), timeoutMs);
      work.then(resolve, reject).finally(() => timer.cancel());
    });
  }
}
