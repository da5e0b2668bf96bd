export { AuthModule, type AuthPorts } from './auth.module.js';
export { bearerOf } from './bearer-header.js';
export { CallerAuthentication } from './caller-authentication.js';
export { CsrfPolicy } from './csrf-policy.js';
export { SessionCleanup } from './session-cleanup.js';
