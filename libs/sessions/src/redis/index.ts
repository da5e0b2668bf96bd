export { RedisSessionFeed } from './redis-session-feed.js';
export { RedisSessionStore } from './redis-session-store.js';
