import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Between a program and its Redis, to cut them off from each other. */
export interface TcpProxy {
  /** In the form of `REDIS_URL`. */
  readonly url: string;
  readonly port: number;
  /** Nothing gets through any more, and nobody is told: as when a cable is pulled. */
  blackHole(): void;
  /** Connections are reset, new ones as soon as they are made: as by a firewall that refuses. */
  reset(): void;
  /** New connections get through again; those of before are broken. */
  heal(): void;
  close(): Promise<void>;
}

/** @param rewritten what is said by the target, as it is passed on; default: as it is */
export async function startTcpProxy(
  targetPort: number,
  rewritten: (bytes: Buffer) => Buffer = (bytes) => bytes,
): Promise<TcpProxy> {
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
        if (!isHole) to.write(from === target ? rewritten(bytes) : bytes);
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
  const { port } = server.address() as AddressInfo;
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
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
