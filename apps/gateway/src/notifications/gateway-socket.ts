import { type ClientToServerEvents, type HandshakeAuth, type ServerToClientEvents } from '@gw/contract';
import { type AttachedClient } from '@gw/fanout';
import { type Session } from '@gw/sessions';
import { type DefaultEventsMap, type Server, type Socket } from 'socket.io';

interface SocketData {
  /** As it was when the socket connected. */
  session: Session;
  auth: HandshakeAuth;
  /** Settles when the client was attached to the fan-out; rejects when it could not be. */
  attached: Promise<AttachedClient>;
}

export type GatewaySocket = Socket<ClientToServerEvents, ServerToClientEvents, DefaultEventsMap, SocketData>;
export type GatewaySocketServer = Server<
  ClientToServerEvents,
  ServerToClientEvents,
  DefaultEventsMap,
  SocketData
>;
