export { RedisUpstreamStates } from './redis-upstream-states.js';
