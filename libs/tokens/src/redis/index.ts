export { RedisLoginAttempts } from './redis-login-attempts.js';
export { RedisRefreshPauses } from './redis-refresh-pauses.js';
