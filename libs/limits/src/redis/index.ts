export { RedisRateLevels } from './redis-rate-levels.js';
