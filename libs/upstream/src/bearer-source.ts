import { type SessionId, type Soon, type UserId } from '@gw/kernel';

export type Bearer =
  | { readonly kind: 'token'; readonly token: string }
  /** The user has no session left that could give one. */
  | { readonly kind: 'signed-out' }
  /** The token endpoint cannot be reached just now; the user stays signed in. */
  | { readonly kind: 'unavailable'; readonly retryAfterMs: number };

/** Where the access token of a user comes from. */
export abstract class BearerSource {
  /** A token believed to be valid now; of `session` if given, else of any live session of the user. */
  abstract bearer(user: UserId, session?: SessionId): Soon<Bearer>;

  /**
   * Another token, because the upstream refused `refusedToken`. When that is no longer the current one
   * (somebody else has replaced it already), the current one is returned and nothing is redeemed.
   */
  abstract replace(user: UserId, refusedToken: string, session?: SessionId): Promise<Bearer>;
}
