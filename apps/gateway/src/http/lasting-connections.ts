import { type Server } from 'node:http';
import { type Socket } from 'node:net';
import { type Duplex } from 'node:stream';

/** The connections that Node's HTTP server waits for when it closes, and does not close by itself. */
export class LastingConnections {
  readonly #open = new Set<Socket>();
  readonly #upgraded = new Set<Duplex>();

  constructor(server: Server) {
    server.on('connection', (connection: Socket) => {
      this.#open.add(connection);
      connection.once('close', () => this.#open.delete(connection));
    });
    server.on('upgrade', (_request, connection: Duplex) => {
      this.#upgraded.add(connection);
      connection.once('close', () => this.#upgraded.delete(connection));
    });
  }

  destroyUpgraded(): void {
    for (const connection of this.#upgraded) connection.destroy();
  }

  /** Browsers and others open connections before they need them; Node counts those among the busy ones. */
  destroyUnused(): void {
    for (const connection of this.#open) if (connection.bytesRead === 0) connection.destroy();
  }
}
