export { MemoryAccessHandles } from './memory-access-handles.js';
export { MemoryAuthorizationCodes } from './memory-authorization-codes.js';
export { MemoryRefreshFamilies } from './memory-refresh-families.js';
export { MemoryDeviceSockets } from './memory-device-sockets.js';
