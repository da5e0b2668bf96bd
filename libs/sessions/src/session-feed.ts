import { type SessionId } from '@gw/kernel';
import { type SessionEndReason } from './session.js';

export type SessionChange =
  | { readonly kind: 'ended'; readonly id: SessionId; readonly reason: SessionEndReason }
  /** It was written; copies of an older version are out of date. */
  | { readonly kind: 'changed'; readonly id: SessionId; readonly version: number };

export interface SessionFeedListener {
  changed(change: SessionChange): void;
  /** Changes may have been missed: what is known is in doubt. */
  missed(): void;
}

/**
 * Tells every instance, this one included, what became of sessions. At most once: whoever must not miss
 * an end also looks from time to time.
 */
export abstract class SessionFeed {
  /** @throws {GatewayError} `state_unavailable`; nobody, or not everybody, was told. */
  abstract tell(change: SessionChange): Promise<void>;

  /** Returns how to stop. */
  abstract listen(listener: SessionFeedListener): () => void;
}
