export { AuthModule, type AuthPorts } from './auth.module.js';
export { CallerAuthentication } from './caller-authentication.js';
export { CsrfPolicy } from './csrf-policy.js';
export { SessionCleanup } from './session-cleanup.js';
export { SessionCookie } from './session-cookie.js';
