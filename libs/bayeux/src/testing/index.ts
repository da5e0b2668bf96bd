export { BayeuxServer, type BayeuxServerOptions } from './bayeux-server.js';
