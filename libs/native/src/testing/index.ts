export { accessHandlesContract } from './access-handles.contract.js';
export { aGrant, authorizationCodesContract } from './authorization-codes.contract.js';
export { refreshFamiliesContract } from './refresh-families.contract.js';
export { deviceSocketsContract } from './device-sockets.contract.js';
export { anyText } from './any-text.js';
