import { type ClientToServerEvents, type HandshakeAuth, type ServerToClientEvents } from '@gw/contract';
import { type AttachedClient } from '@gw/fanout';
import { type Session } from '@gw/sessions';
import { type DefaultEventsMap, type Server, type Socket } from 'socket.io';

interface SocketData {
  /** As it was when the socket connected. */
  session: Session;
  /** Until it is connected. */
  auth: HandshakeAuth | undefined;
  /** Settles when the client was attached to the fan-out; rejects when it could not be. */
  attached: Promise<AttachedClient>;
  /** Ends all that was begun for it. */
  leave: (() => void) | undefined;
}

export type GatewaySocket = Socket<ClientToServerEvents, ServerToClientEvents, DefaultEventsMap, SocketData>;
export type GatewaySocketServer = Server<
  ClientToServerEvents,
  ServerToClientEvents,
  DefaultEventsMap,
  SocketData
>;
