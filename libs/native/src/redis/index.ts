export { RedisAccessHandles } from './redis-access-handles.js';
export { RedisAuthorizationCodes } from './redis-authorization-codes.js';
export { RedisRefreshFamilies } from './redis-refresh-families.js';
export { RedisDeviceSockets } from './redis-device-sockets.js';
