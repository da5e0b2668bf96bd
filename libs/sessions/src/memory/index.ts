export { MemorySessionFeed } from './memory-session-feed.js';
export { MemorySessionStore } from './memory-session-store.js';
