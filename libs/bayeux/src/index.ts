export { Backoff, type BackoffOptions } from './backoff.js';
export { BayeuxHttp, type BayeuxReply, type BayeuxRequest } from './bayeux-http.js';
export {
  BayeuxSession,
  type BayeuxListener,
  type BayeuxState,
  type Inbound,
  type SubscribeOutcome,
} from './bayeux-session.js';
export { endSaved, type SavedEnd } from './end-saved.js';
export { HandshakeGuard } from './handshake-guard.js';
export { HandshakePacer } from './handshake-pacer.js';
export { type SavedState } from './saved-session.js';
