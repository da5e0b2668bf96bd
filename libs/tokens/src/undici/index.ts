export {
  UndiciAuthorizationServer,
  type UndiciAuthorizationServerOptions,
} from './undici-authorization-server.js';
