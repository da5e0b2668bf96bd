import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTarget, type Target } from './target.js';

/** The gateway gives a head 15 s, and looks every 5 s. */
const DEADLINE_MS = 30_000;
const DRIP_MS = 500;
const CONNECTIONS = 40;

/** Resolves when the server has closed, with what it said. */
function untilClosed(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const deadline = setTimeout(() => reject(new Error('The connection was kept')), DEADLINE_MS);
    socket.on('data', (bytes) => (text += bytes.toString()));
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(deadline);
      resolve(text);
    });
  });
}

describe('clients that are slow on purpose', () => {
  let target: Target;
  const sockets: Socket[] = [];
  const drips: NodeJS.Timeout[] = [];
  beforeAll(async () => {
    target = await startTarget();
  });
  afterAll(async () => {
    for (const drip of drips) clearInterval(drip);
    for (const socket of sockets) socket.destroy();
    await target.close();
  });

  /** A connection that says `opening`, and from then on a byte now and then. */
  const open = (opening: string, drip = ''): Promise<string> => {
    const socket = connect(target.port, '127.0.0.1', () => socket.write(opening));
    sockets.push(socket);
    if (drip !== '') drips.push(setInterval(() => socket.writable && socket.write(drip), DRIP_MS));
    return untilClosed(socket);
  };

  it('are let go of when a head does not end, or never begins, and others are served meanwhile', async () => {
    const slow = Array.from({ length: CONNECTIONS }, (_, index) => [
      open('GET /auth/session HTTP/1.1\r\n', `x-${index}: 1\r\n`),
      open('GET /auth/ses', 's'),
      open(''),
    ]).flat();
    let served = 0;
    const honest = setInterval(() => {
      // The last of them may find the gateway gone.
      const ended = () => {};
      target.askHonestly().then((status) => (served += status === 200 ? 1 : 0), ended);
    }, DRIP_MS);
    const answers = await Promise.all(slow).finally(() => clearInterval(honest));
    expect(answers).toHaveLength(3 * CONNECTIONS);
    expect(answers.filter((text) => text !== '' && !text.startsWith('HTTP/1.1 408 '))).toEqual([]);
    expect(answers.filter((text) => text.includes('"code":"request_timeout"')).length).toBeGreaterThan(
      CONNECTIONS,
    );
    expect(served).toBeGreaterThan(10);
  });
});
