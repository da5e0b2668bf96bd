import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below those that systems give to outgoing connections, which would take one between here and its use; a node of a
 * Redis cluster takes the one 10,000 above as well.
 */
const FIRST = 12_000;
const LAST = 22_000;
const ATTEMPTS = 100;

/** For a gateway, whose own URL must be known before it listens: it names it as redirect URI. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = randomInt(FIRST, LAST);
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
  throw new Error(`No port of ${ATTEMPTS} between ${FIRST} and ${LAST} was free`);
}
