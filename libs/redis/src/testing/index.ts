export { redisServers, type RedisAtTest } from './redis-servers.js';
