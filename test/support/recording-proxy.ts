import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** One TCP connection through the proxy, byte for byte. */
class RecordedConnection {
  readonly toServer: Buffer[] = [];
  readonly toClient: Buffer[] = [];
}

/** A TCP proxy that keeps every byte, so that tests judge what was on the wire and not what a client made of it. */
export class RecordingProxy {
  readonly #connections: RecordedConnection[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  private constructor(private readonly targetPort: number) {
    this.#server = createServer((client) => this.#relay(client));
  }

  static async start(targetPort: number): Promise<RecordingProxy> {
    const proxy = new RecordingProxy(targetPort);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /**
   * All that clients were sent: HTTP heads and bodies, WebSocket frames. As latin1, so that bytes stay
   * what they are; text beyond ASCII is not readable in it.
   */
  get toClients(): string {
    return this.#connections.map(({ toClient }) => textOf(toClient)).join('\n');
  }

  /** All that clients sent. WebSocket frames among it are masked (RFC 6455 §5.3), and so unreadable. */
  get toServer(): string {
    return this.#connections.map(({ toServer }) => textOf(toServer)).join('\n');
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #relay(client: Socket): void {
    const server = connect(this.targetPort, '127.0.0.1');
    const recorded = new RecordedConnection();
    this.#connections.push(recorded);
    this.#join(client, server, recorded.toServer);
    this.#join(server, client, recorded.toClient);
  }

  #join(from: Socket, to: Socket, record: Buffer[]): void {
    this.#sockets.add(from);
    from.on('data', (bytes) => record.push(bytes));
    from.on('close', () => {
      this.#sockets.delete(from);
      to.destroySoon();
    });
    // A connection that breaks on one side is broken on the other; `close` follows.
    from.on('error', () => to.destroy());
    from.pipe(to);
  }
}

const textOf = (chunks: readonly Buffer[]): string => Buffer.concat(chunks).toString('latin1');
