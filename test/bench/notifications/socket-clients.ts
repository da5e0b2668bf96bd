// Process: the Socket.IO clients of a gateway or bridge.
import { io, type Socket } from 'socket.io-client';
import {
  type HandshakeAuth,
  type NotificationEvent,
  type ReadyEvent,
  type UpstreamEvent,
} from '@gw/contract';
import { signIn } from '../gateway/sign-in.js';
import { ready, serve } from '../measuring/serve.js';
import { inParallel } from '../platform/in-parallel.js';
import { accessTokenOf } from '../platform/tokens.js';
import { Received } from './received.js';

interface ConnectRequest {
  readonly url: string;
  readonly from: number;
  readonly to: number;
  /** Set: each client sends the user's access token from there. */
  readonly tokensFrom?: string | undefined;
  /** Each client only tells who it is. Without any of the two, it signs in at `url`. */
  readonly byNumber?: boolean | undefined;
  readonly channels?: HandshakeAuth['channels'];
}

const received = new Received();
const sockets = new Set<Socket>();
const CONNECTED_WITHIN_MS = 60_000;

async function connect({ from, to, ...request }: ConnectRequest): Promise<void> {
  const { url } = request;
  await inParallel({ from, to }, async (user) => {
    const credentials = await credentialsOf(user, request);
    const socket = io(url, {
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      ...credentials,
    });
    socket.on('notification', ({ data }: NotificationEvent) => received.add(data));
    sockets.add(socket);
    await connected(socket);
  });
}

/** From now on they read nothing: what is sent to them stays in the network. */
const stall = () => [...sockets].forEach((socket) => webSocketOf(socket).pause());
const readOn = () => [...sockets].forEach((socket) => webSocketOf(socket).resume());

function leave(): void {
  for (const socket of sockets) socket.disconnect();
  sockets.clear();
}

interface WebSocket {
  pause(): void;
  resume(): void;
}

const webSocketOf = (socket: Socket): WebSocket =>
  (socket.io.engine.transport as unknown as { ws: WebSocket }).ws;

async function credentialsOf(
  user: number,
  { url, tokensFrom, byNumber, channels }: Omit<ConnectRequest, 'from' | 'to'>,
): Promise<{ auth: object; extraHeaders?: Record<string, string> }> {
  if (byNumber) return { auth: { user } };
  if (tokensFrom !== undefined) return { auth: { token: await accessTokenOf(tokensFrom, user) } };
  return { auth: { channels }, extraHeaders: { cookie: await signIn(url, user), origin: url } };
}

/** Ready, and every API that the client asked for delivers. */
function connected(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(
      () => reject(new Error('A client was not connected in time')),
      CONNECTED_WITHIN_MS,
    );
    let waiting: Set<string> | undefined;
    const settle = () => {
      if (!waiting || waiting.size > 0) return;
      clearTimeout(late);
      resolve();
    };
    socket.once('ready', ({ apis }: Pick<ReadyEvent, 'apis'>) => {
      const open = Object.entries(apis).filter(([, { state }]) => state !== 'connected');
      waiting = new Set(open.map(([api]) => api));
      settle();
    });
    socket.on('upstream', ({ api, state }: UpstreamEvent) => {
      if (state === 'connected') waiting?.delete(api);
      settle();
    });
    socket.once('connect_error', reject);
    socket.once('disconnect', (reason) => reject(new Error(`A client was disconnected: ${reason}`)));
  });
}

const commands = {
  connect,
  stall,
  readOn,
  leave,
  begin: (run: number) => received.begin(run),
  result: () => received.result(),
};
export type SocketClients = typeof commands;

serve(commands);
ready();
