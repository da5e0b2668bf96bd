import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Between a program and its Redis, to cut them off from each other. */
export interface TcpProxy {
  /** In the form of `REDIS_URL`. */
  readonly url: string;
  /** Nothing gets through any more, and nobody is told: as when a cable is pulled. */
  blackHole(): void;
  /** Connections are reset, new ones as soon as they are made: as by a firewall that refuses. */
  reset(): void;
  /** New connections get through again; those of before are broken. */
  heal(): void;
  close(): Promise<void>;
}

export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let isHole = false;
  let isRefusing = false;
  const server = createServer((client) => {
    if (isRefusing) {
      client.on('error', () => {});
      client.resetAndDestroy();
      return;
    }
    const target = connect(targetPort, '127.0.0.1');
    const pair = [client, target] as const;
    pairs.add(pair);
    for (const [from, to] of [pair, [target, client] as const]) {
      from.on('data', (bytes: Buffer) => {
        if (!isHole) to.write(bytes);
      });
      from.on('error', () => {});
      from.on('close', () => {
        pairs.delete(pair);
        to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const breakAll = () => {
    for (const [client] of pairs) client.resetAndDestroy();
  };
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    blackHole: () => (isHole = true),
    reset: () => {
      isRefusing = true;
      breakAll();
    },
    heal: () => {
      isHole = false;
      isRefusing = false;
      breakAll();
    },
    close: async () => {
      breakAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
