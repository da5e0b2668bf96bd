import { type IncomingMessage } from 'node:http';
import { type Clock } from '@gw/kernel';
import { type CloseCode } from './close-code.js';
import { type GatewaySocket } from './gateway-socket.js';

/** The socket of `ws` under Engine.IO, as far as it is needed to end it. */
interface WebSocket {
  close(code: number, reason: string): void;
  terminate(): void;
  once(event: 'close', listener: () => void): void;
}

/** How long the close frame may wait behind what a client has not read yet, in milliseconds. */
const FAREWELL_MS = 10_000;

/**
 * Ends a socket with a reason that the client can read. For us it is over at once; what was queued is
 * dropped, and the close frame follows what the network was taking.
 */
export function closeSocket(socket: GatewaySocket, { code, reason }: CloseCode, clock: Clock): void {
  const webSocket = webSocketOf(socket.conn.request);
  if (webSocket) {
    webSocket.close(code, reason);
    const deadline = clock.schedule(() => webSocket.terminate(), FAREWELL_MS);
    webSocket.once('close', () => deadline.cancel());
  }
  socket.conn.close(true);
}

/** Engine.IO leaves it there: of its transport it is a private member. */
function webSocketOf(request: IncomingMessage): WebSocket | undefined {
  return (request as { websocket?: WebSocket }).websocket;
}
