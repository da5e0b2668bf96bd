import { type Server } from 'node:http';
import { type Duplex } from 'node:stream';

/**
 * The connections of a server that outlive its requests: Node's `closeAllConnections` does not know those that
 * were upgraded, and yet `close` waits for them.
 */
export class UpgradedConnections {
  readonly #open = new Set<Duplex>();

  constructor(server: Server) {
    server.on('upgrade', (_request, connection: Duplex) => {
      this.#open.add(connection);
      connection.once('close', () => this.#open.delete(connection));
    });
  }

  destroy(): void {
    for (const connection of this.#open) connection.destroy();
  }
}
