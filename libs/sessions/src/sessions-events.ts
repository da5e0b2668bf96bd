import { type Session, type SessionEndReason } from './session.js';

/** What happens to sessions, for logs and counters. Does nothing by default. */
export class SessionsEvents {
  created(_session: Session): void {}
  ended(_session: Session, _reason: SessionEndReason): void {}
  /** Something that no caller waits for failed; the session itself is unharmed. */
  backgroundFailed(
    _activity: 'touch' | 'end' | 'watch' | 'sweep' | 'feed' | 'listener',
    _error: unknown,
  ): void {}
}
