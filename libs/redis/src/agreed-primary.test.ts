import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { SentinelConnector } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AgreedPrimary } from './agreed-primary.js';

/** The library's, private in its types. */
const library = SentinelConnector.prototype as unknown as { resolve: () => Promise<unknown> };
const SENTINELS = [1, 2, 3].map((port) => ({ host: '127.0.0.1', port }));

describe('a connection to the primary that most sentinels name', () => {
  let servers: Server[];

  async function serve(): Promise<number> {
    const server = createServer((socket) => void socket.on('error', () => {})).listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }
  /** What the sentinels say, one question after the other; the last for ever. */
  function say(...ports: readonly (number | undefined)[]): void {
    let asked = 0;
    vi.spyOn(library, 'resolve').mockImplementation(() => {
      const port = ports[Math.min(Math.floor(asked / SENTINELS.length), ports.length - 1)];
      asked += 1;
      return Promise.resolve(port === undefined ? null : { host: '127.0.0.1', port });
    });
  }
  const open = () =>
    new AgreedPrimary({ sentinels: SENTINELS, name: 'engage', role: 'master' }).connect(() => {});

  beforeEach(() => {
    servers = [];
  });
  afterEach(() => {
    vi.restoreAllMocks();
    for (const server of servers) server.close();
  });

  it('is given up when they name another one by the time it is there', async () => {
    const [former, primary] = [await serve(), await serve()];
    say(former, primary);
    const stream = await open();
    await once(stream, 'close');
    const next = await open();
    await once(next, 'connect');
    expect(next.remotePort).toBe(primary);
    next.destroy();
  });

  it.each([
    ['name the same', (port: number) => port],
    ['cannot agree', () => undefined],
  ])('stays when they then %s', async (_what, later) => {
    const port = await serve();
    say(port, later(port));
    const stream = await open();
    await once(stream, 'connect');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(stream.destroyed).toBe(false);
    stream.destroy();
  });
});
