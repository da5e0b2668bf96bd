import { connect } from 'node:net';

export interface RawExchange {
  /** Of each answer on the connection, in order; interim ones (1xx) left out. */
  readonly statuses: readonly number[];
  readonly text: string;
  /** The server ended the connection. */
  readonly closed: boolean;
}

/** Nothing more is expected after this silence, in milliseconds. */
const SILENCE_MS = 250;
const DEADLINE_MS = 8_000;

/**
 * Sends bytes on a connection of their own and reads what comes back, until the server closes or has been
 * silent for a while; then says that no more will come, as attackers do who leave a request unfinished.
 */
export function exchangeBytes(
  port: number,
  bytes: Buffer | string,
  silenceMs = SILENCE_MS,
): Promise<RawExchange> {
  return new Promise((resolve, reject) => {
    let text = '';
    let closed = false;
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(bytes, 'latin1');
      // Silence counts from here: on a busy machine it takes a while to be connected.
      socket.setTimeout(silenceMs);
    });
    const giveUp = setTimeout(() => socket.destroy(new Error('The connection did not end')), DEADLINE_MS);
    socket.setNoDelay(true);
    socket.on('timeout', () => {
      if (socket.writableEnded) socket.destroy();
      else socket.end();
    });
    socket.on('data', (chunk) => (text += chunk.toString('latin1')));
    socket.on('end', () => (closed = true));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      // Closed by the server while bytes were on their way.
      if (error.code === 'ECONNRESET' || error.code === 'EPIPE') closed = true;
      else reject(error);
    });
    socket.on('close', () => {
      clearTimeout(giveUp);
      resolve({ statuses: statusesIn(text), text, closed });
    });
  });
}

function statusesIn(text: string): number[] {
  const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
  return statuses.filter((status) => status >= 200 || status === 101);
}
