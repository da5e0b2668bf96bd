import { type SessionId, type Soon, type UserId } from '@gw/kernel';
import { type Session } from './session.js';

/**
 * Where sessions live. Every implementation passes `testing/session-store.contract.ts`.
 *
 * Failures of the storage itself are thrown, never turned into "no session": an outage must not log
 * everybody out. An entry disappears by itself `ttlMs` milliseconds after it was last written.
 */
export abstract class SessionStore {
  /**
   * `gone` when the id was removed before: a late write cannot revive a session.
   *
   * @throws {GatewayError} `sessions_full` when the store has reached its bound.
   */
  abstract create(session: Session, ttlMs: number): Promise<'created' | 'gone'>;

  abstract load(id: SessionId): Soon<Session | undefined>;

  /** Compare-and-set: writes only where the stored version is `expectedVersion`. */
  abstract replace(
    session: Session,
    expectedVersion: number,
    ttlMs: number,
  ): Promise<'replaced' | 'conflict' | 'gone'>;

  /**
   * Removes for good and returns what was there. Of several callers exactly one gets the session, so
   * that its end is announced once.
   */
  abstract remove(id: SessionId): Promise<Session | undefined>;

  /** All entries of the user, in no order; also those whose end has passed and that still lie here. */
  abstract ofUser(userId: UserId): Promise<Session[]>;

  /** Entries that were to end at `now` (milliseconds since the epoch) or before; at most `limit`. */
  abstract overdue(now: number, limit: number): Promise<Session[]>;
}
