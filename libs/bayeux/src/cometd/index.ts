export { CometdSession, type CometdSessionOptions } from './cometd-session.js';
