import { type Acknowledgement, type SessionEvent } from '@gw/contract';
import { type AttachedClient, Fanout } from '@gw/fanout';
import { Clock, GatewayError } from '@gw/kernel';
import { NewestSocket } from '@gw/native';
import { type SessionNotice, Sessions } from '@gw/sessions';
import { type OnApplicationShutdown } from '@nestjs/common';
import {
  ConnectedSocket,
  MessageBody,
  type OnGatewayConnection,
  type OnGatewayDisconnect,
  type OnGatewayInit,
  SubscribeMessage,
  WebSocketGateway,
} from '@nestjs/websockets';
import { SessionBearers } from '../bearers.js';
import { RateLimits } from '../limits/index.js';
import { acknowledge, refusal } from './acknowledgement.js';
import { CLOSE, closeFailed, closeUnable } from './close-code.js';
import { closeSocket } from './close-socket.js';
import { type DrainPace, drainSockets } from './drain-sockets.js';
import { forgetHandshake } from './forget-handshake.js';
import { type GatewaySocket, type GatewaySocketServer } from './gateway-socket.js';
import { messageLimit } from './message-limit.js';
import { SocketAuthentication } from './socket-authentication.js';
import { SocketEvents } from './socket-events.js';
import { SocketLimits } from './socket-limits.js';
import { socketRequests } from './socket-requests.js';
import { SocketSink } from './socket-sink.js';

const KNOWN_EVENTS = new Set(['subscribe', 'unsubscribe', 'publish']);

/** The Socket.IO edge: parses, calls the fan-out, and maps the result. */
@WebSocketGateway()
export class NotificationsGateway
  implements OnGatewayInit, OnGatewayConnection, OnGatewayDisconnect, OnApplicationShutdown
{
  #server: GatewaySocketServer | undefined;
  #isLeaving = false;

  constructor(
    private readonly authentication: SocketAuthentication,
    private readonly fanout: Fanout,
    private readonly sessions: Sessions,
    private readonly bearers: SessionBearers,
    private readonly newest: NewestSocket,
    private readonly clock: Clock,
    private readonly events: SocketEvents,
    private readonly limits: RateLimits,
    private readonly capacity: SocketLimits,
  ) {}

  afterInit(server: GatewaySocketServer): void {
    this.#server = server;
    server.use(this.authentication.middleware);
    this.newest.start();
  }

  onApplicationShutdown(): void {
    this.newest.close();
  }

  handleConnection(socket: GatewaySocket): void {
    if (this.#isLeaving) {
      // It had come through the door before that was closed.
      closeSocket(socket, CLOSE.drain, this.clock);
      return;
    }
    forgetHandshake(socket);
    const { session, auth } = socket.data;
    socket.data.auth = undefined;
    this.bearers.offer(session.user.id, session.id);
    const use = () => this.limits.use('message', session.id);
    socket.use(messageLimit(use, () => this.#disconnectFlooding(socket)));
    socket.use(refuseUnknownEvents);
    const { clock } = this;
    const { bufferBytes } = this.capacity;
    const sink = new SocketSink(socket, { clock, bufferBytes, tooSlow: () => this.#disconnectSlow(socket) });
    const { after, channels } = auth ?? {};
    const attached = this.fanout.attach({ user: session.user, after, channels, sink });
    socket.data.attached = attached;
    attached.catch((error: unknown) => this.#disconnectFailed(socket, error));
    const stopWatching = this.sessions.watch(session.id, (notice) =>
      this.#sessionChanged(socket, sink, notice),
    );
    const leaveToNewer = this.#replaceOlder(socket, sink);
    socket.data.leave = () => {
      stopWatching();
      leaveToNewer?.();
      attached.then((client) => client.detach()).catch(() => {});
    };
  }

  handleDisconnect(socket: GatewaySocket): void {
    socket.data.leave?.();
  }

  /** A device has one socket; a browser may have one in each tab. */
  #replaceOlder(socket: GatewaySocket, sink: SocketSink): (() => void) | undefined {
    const { session } = socket.data;
    if (session.client === undefined) return undefined;
    return this.newest.enter(session, () => {
      sink.replaced({ at: new Date(this.clock.now()).toISOString() });
      // Said by the server, so that the client does not come back by itself: the two would go on replacing each other.
      socket.disconnect(true);
    });
  }

  /** Sockets that are connected here. */
  get count(): number {
    return this.#server?.sockets.sockets.size ?? 0;
  }

  /** Has every client come back to another instance. Resolves when none is left. */
  async drain(pace: DrainPace): Promise<void> {
    this.#isLeaving = true;
    const sockets = [...(this.#server?.sockets.sockets.values() ?? [])];
    await drainSockets(sockets, pace, this.clock, this.events);
  }

  @SubscribeMessage('subscribe')
  subscribe(
    @ConnectedSocket() socket: GatewaySocket,
    @MessageBody() payload: unknown,
  ): Promise<Acknowledgement> {
    return this.#answer(socket, async (client) => {
      const request = socketRequests.channel(payload);
      return { ...request, state: await client.subscribe(request) };
    });
  }

  @SubscribeMessage('unsubscribe')
  unsubscribe(
    @ConnectedSocket() socket: GatewaySocket,
    @MessageBody() payload: unknown,
  ): Promise<Acknowledgement> {
    return this.#answer(socket, (client) => {
      const request = socketRequests.channel(payload);
      client.unsubscribe(request);
      return Promise.resolve({ ...request });
    });
  }

  @SubscribeMessage('publish')
  publish(
    @ConnectedSocket() socket: GatewaySocket,
    @MessageBody() payload: unknown,
  ): Promise<Acknowledgement> {
    return this.#answer(socket, async (client) => {
      const { data, ...request } = socketRequests.publish(payload);
      await client.publish(request, data);
      return request;
    });
  }

  async #answer(
    socket: GatewaySocket,
    act: (client: AttachedClient) => Promise<Record<string, unknown>>,
  ): Promise<Acknowledgement> {
    try {
      return { ok: true, ...(await act(await socket.data.attached)) };
    } catch (error) {
      if (error instanceof GatewayError) return refusal(error.code, error.message);
      this.events.failed(socket.data.session.user.id, error);
      return refusal('internal_error', 'internal error');
    }
  }

  #disconnectSlow(socket: GatewaySocket): void {
    this.events.slowConsumer(socket.data.session.user.id);
    closeSocket(socket, CLOSE.slowConsumer, this.clock);
  }

  #disconnectFlooding(socket: GatewaySocket): void {
    this.events.flooded(socket.data.session.user.id);
    socket.conn.close(true);
  }

  #disconnectFailed(socket: GatewaySocket, error: unknown): void {
    this.events.failed(socket.data.session.user.id, error);
    const code = error instanceof GatewayError ? error.code : 'internal_error';
    closeSocket(socket, closeFailed(code), this.clock);
  }

  #sessionChanged(socket: GatewaySocket, sink: SocketSink, notice: SessionNotice): void {
    if (notice.state === 'unverifiable') {
      // The session may be fine: the client comes back by itself, to an instance that can tell.
      closeSocket(socket, closeUnable('state_unavailable'), this.clock);
      return;
    }
    const { state, reason, at } = notice;
    const event: SessionEvent = { state, reason, at: new Date(at).toISOString() };
    sink.session(event);
    if (state === 'ended') socket.disconnect(true);
  }
}

function refuseUnknownEvents(packet: unknown[], next: () => void): void {
  const [event] = packet;
  if (typeof event === 'string' && KNOWN_EVENTS.has(event)) next();
  else acknowledge(packet, refusal('bad_request', 'there is no such event'));
}
