export { MemoryLoginAttempts } from './memory-login-attempts.js';
export { MemoryRefreshPauses } from './memory-refresh-pauses.js';
