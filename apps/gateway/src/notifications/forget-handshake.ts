import { type GatewaySocket } from './gateway-socket.js';

const NOTHING = Object.freeze({});
const NO_HEADERS: string[] = [];

/**
 * Lets go of what a socket came with, its credentials among them: nobody reads that once it is connected, and
 * Socket.IO and Node keep it, twice, for as long as the socket lives.
 */
export function forgetHandshake({ conn: { request }, handshake }: GatewaySocket): void {
  request.headers = handshake.headers = NOTHING;
  request.rawHeaders = NO_HEADERS;
  request.url = handshake.url = '';
  handshake.auth = NOTHING;
}
