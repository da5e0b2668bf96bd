export { RedisKeyStore } from './redis-key-store.js';
