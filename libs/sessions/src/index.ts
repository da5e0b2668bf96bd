export { deviceOf } from './device.js';
export {
  endOf,
  idleEndOf,
  type Session,
  type SessionEndReason,
  type SessionUser,
  type TokenSet,
} from './session.js';
export { newSessionId, sessionIdOf } from './session-secret.js';
export { SessionFeed, type SessionChange, type SessionFeedListener } from './session-feed.js';
export { SessionStore } from './session-store.js';
export { type SessionListener, type SessionNotice } from './session-watches.js';
export { SessionsEvents } from './sessions-events.js';
export {
  Sessions,
  type EndListener,
  type Login,
  type SessionLimits,
  type SharedSessions,
  type TokenReplacement,
} from './sessions.js';
