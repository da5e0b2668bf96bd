export { type Access } from './access.js';
export {
  AuthorizationServer,
  type CodeExchange,
  type TokenGrant,
  type UnavailableReason,
} from './authorization-server.js';
export { CodeFlow, type CodeFlowCallback, type CodeFlowOutcome, type CodeFlowStart } from './code-flow.js';
export { LoginAttempts, type LoginAttempt } from './login-attempts.js';
export { type LoginCookie } from './login-cookies.js';
export {
  Logins,
  type LoginCallback,
  type LoginOutcome,
  type LoginsOptions,
  type LoginStart,
} from './logins.js';
export { RefreshPauses } from './refresh-pauses.js';
export { type SharedRefreshes } from './refresh-turns.js';
export { Tokens } from './tokens.js';
export { TokensEvents } from './tokens-events.js';
