export { BearerSource, type Bearer } from './bearer-source.js';
export { covers, isChannel, isChannelPattern, matches } from './channel-pattern.js';
export { engageProfile } from './engage-profile.js';
export {
  type Initialised,
  type Prepared,
  type ProbedReadiness,
  type UsedCredentials,
  type UserAnswer,
  type UserCall,
  type UserHeaders,
  type WithoutBearer,
} from './outcomes.js';
export {
  type CommandOutcome,
  type OperationId,
  type OutcomeSettings,
  type StateValue,
} from './outcome-settings.js';
export { parseProfile, type ParsedProfile } from './parse-profile.js';
export {
  type CometdSettings,
  type Endpoint,
  type EndpointMethod,
  type Readiness,
  type ReadinessProbe,
  type SessionInit,
  type UpstreamApi,
  type UpstreamProfile,
} from './profile.js';
export { cookieName } from './set-cookie.js';
export { upstreamTimeout, upstreamUnreachable } from './upstream-errors.js';
export { UpstreamEvents } from './upstream-events.js';
export { UpstreamHttp, type UpstreamRequest, type UpstreamResponse } from './upstream-http.js';
export { type SharedUpstream, UpstreamSessions, type UpstreamSessionsOptions } from './upstream-sessions.js';
export {
  type CookieChange,
  type KeptCookie,
  type UpstreamStateListener,
  UpstreamStateStore,
  type UserUpstreamState,
} from './upstream-state-store.js';
