export { ConfigError, readConfig, type Config } from './config.js';
export { readProfile } from './profile-file.js';
export { startGateway, type Gateway, type GatewayParts } from './start-gateway.js';
