import { type Branded, type SessionId } from '@gw/kernel';
import { type HandleHash } from './handle.js';

/** What all refresh tokens have in common that came from one login; a hash, base64url. */
export type FamilyId = Branded<'FamilyId'>;

/**
 * Which refresh token of a family is the living one; all before it are spent (RFC 9700 §4.14.2). Every
 * implementation passes `testing/refresh-families.contract.ts`.
 */
export abstract class RefreshFamilies {
  /** The family disappears `ttlMs` milliseconds from now. @throws {GatewayError} `state_unavailable` */
  abstract begin(family: FamilyId, session: SessionId, token: HandleHash, ttlMs: number): Promise<void>;

  /** @throws {GatewayError} `state_unavailable`: not "there is no such family". */
  abstract sessionOf(family: FamilyId): Promise<SessionId | undefined>;

  /**
   * Puts `next` in the place of `presented` if that is the living one. Of several who present one token
   * one rotates it; to the others it is `spent`, as any other token would be.
   *
   * @throws {GatewayError} `state_unavailable`; it may have been rotated.
   */
  abstract rotate(
    family: FamilyId,
    presented: HandleHash,
    next: HandleHash,
  ): Promise<'rotated' | 'spent' | 'gone'>;
}
