export { RedisAccessHandles } from './redis-access-handles.js';
