export { Keyspace } from './keyspace.js';
export { type ChannelListener, type RedisChannels } from './redis-channels.js';
export { type RedisClient } from './redis-client.js';
export { RedisConnections } from './redis-connections.js';
export { RedisEvents } from './redis-events.js';
export { RedisScript } from './redis-script.js';
export { parseRedisUrl, type RedisTarget } from './redis-target.js';
