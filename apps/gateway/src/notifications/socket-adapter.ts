import { type IncomingMessage } from 'node:http';
import { GatewayError } from '@gw/kernel';
import { rateFields, rateLimited } from '@gw/limits';
import { type INestApplicationContext } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { type MessageMappingProperties } from '@nestjs/websockets';
import { lastValueFrom, type Observable } from 'rxjs';
import { type Server, type ServerOptions, type Socket } from 'socket.io';
import { type ClientAddresses, type RateLimits } from '../limits/index.js';
import { type HandshakeRefusal, refuseHandshake } from './refuse-handshake.js';
import { SocketAdmission } from './socket-admission.js';
import { type SocketDoor } from './socket-door.js';
import { type SocketEvents } from './socket-events.js';

export interface SocketAdapterOptions {
  readonly allowedOrigins: readonly string[];
  readonly door: SocketDoor;
  readonly events: SocketEvents;
  readonly limits: RateLimits;
  readonly addresses: ClientAddresses;
}

/** What a client sent: its payload, and how to answer if it asked for an answer. */
interface Mapped {
  readonly data: unknown;
  readonly ack?: ((answer: unknown) => void) | undefined;
}

/** Largest message that a client may send, in bytes: channel requests, and small publishes. */
const MAX_MESSAGE_BYTES = 65_536;

/** Socket.IO as our contract has it: WebSocket only, and for our own origins only. */
export class SocketAdapter extends IoAdapter {
  constructor(
    app: INestApplicationContext,
    private readonly options: SocketAdapterOptions,
  ) {
    super(app);
  }

  override createIOServer(port: number, options?: ServerOptions): Server {
    const server = super.createIOServer(port, {
      ...options,
      path: '/socket.io',
      transports: ['websocket'],
      serveClient: false,
      // Costs 14 times the memory of an idle socket.
      perMessageDeflate: false,
      maxHttpBufferSize: MAX_MESSAGE_BYTES,
      connectTimeout: 10_000,
    } as ServerOptions);
    const admission = new SocketAdmission(this.options.door, this.options.events);
    server.engine.use((request: IncomingMessage, response: object, next: () => void) => {
      const refusal = this.#refusalOf(request);
      if (refusal) refuseHandshake(request, response, refusal);
      else if (admission.admits(request, response)) next();
    });
    server.use(admission.middleware);
    return server;
  }

  /**
   * The sockets only. Socket.IO would close the HTTP server with them, and then wait for as long as any
   * client keeps its connection busy; that server is Fastify's to close.
   */
  override close(server: Server): Promise<void> {
    // Their transports alone: told to disconnect, clients would not come back by themselves.
    server.engine.close();
    return Promise.resolve();
  }

  /**
   * Plain listeners in place of the framework's, which keep half a dozen observables for each event of each
   * socket. Handlers answer by acknowledgement.
   */
  override bindMessageHandlers(
    socket: Socket,
    handlers: MessageMappingProperties[],
    transform: (result: unknown) => Observable<unknown>,
  ): void {
    for (const { message, callback } of handlers) {
      socket.on(String(message), (...args: unknown[]) => {
        this.#handle(args, (data, ack) => transform(callback(data, ack))).catch((error: unknown) =>
          this.logger.error(error),
        );
      });
    }
  }

  /** As the framework's, without what it wraps around each listener to call it once: a socket disconnects once. */
  override bindClientDisconnect(socket: Socket, callback: (reason: string) => void): void {
    socket.on('disconnect', callback);
  }

  async #handle(
    args: readonly unknown[],
    run: (data: unknown, ack: unknown) => Observable<unknown>,
  ): Promise<void> {
    const { data, ack } = this.mapPayload(args.length === 1 ? args[0] : args) as Mapped;
    const answer = await lastValueFrom(run(data, ack), { defaultValue: undefined });
    if (answer !== undefined) ack?.(answer);
  }

  /**
   * A browser sends its Origin with every WebSocket handshake, and CORS does not protect those. Without
   * an Origin there is no browser, and then no cookie is taken either (`SocketAuthentication`).
   */
  #refusalOf(request: IncomingMessage): HandshakeRefusal | undefined {
    const { origin, upgrade } = request.headers;
    if (origin !== undefined && !this.options.allowedOrigins.includes(origin)) {
      this.options.events.originRefused(origin);
      return {
        error: new GatewayError('origin_not_allowed', 'forbidden', 'Pages of this origin may not connect'),
      };
    }
    if (upgrade?.toLowerCase() !== 'websocket') {
      return {
        error: new GatewayError('transport_not_supported', 'bad_request', 'Connect by WebSocket only'),
      };
    }
    const use = this.options.limits.use('connect-address', this.options.addresses.of(request));
    return use && !use.isAllowed ? { error: rateLimited(), fields: rateFields(use) } : undefined;
  }
}
