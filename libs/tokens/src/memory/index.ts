export { MemoryLoginAttempts } from './memory-login-attempts.js';
