export { AccessHandles, type AccessGrant } from './access-handles.js';
export { NativeAccess } from './native-access.js';
