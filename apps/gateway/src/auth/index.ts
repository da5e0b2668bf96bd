export { AuthModule, type AuthPorts } from './auth.module.js';
export { BrowserSessions } from './browser-sessions.js';
export { CsrfPolicy } from './csrf-policy.js';
export { SessionCleanup } from './session-cleanup.js';
export { SessionCookie } from './session-cookie.js';
