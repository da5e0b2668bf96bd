import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cluster, startCluster } from '../support/start-cluster.js';
import { type RedisWithSentinels, startRedisWithSentinels } from '../support/redis-sentinels.js';
import { startRedis } from '../support/redis-server.js';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.js';
import { reportsMemory } from './measuring/memory.js';
import { type SoakOptions } from './options.js';

/** Polls without news are held shorter than usual, so that one that hangs is given up within the run. */
const POLL_MS = 5_000;
const ACCESS_TOKEN_TTL_S = 43_200;

/** For the gateways: to profile them. */
const NODE_OPTIONS = process.env.SOAK_GATEWAY_NODE_OPTIONS ?? '';

/** Where the soak takes place: gateways behind nginx, Redis, and a cable from each gateway to Redis. */
export interface Deployment {
  readonly cluster: Cluster;
  readonly cables: readonly Cable[];
  /** Absent with a single Redis. */
  readonly sentinels: RedisWithSentinels | undefined;
  readonly startedAt: number;
  /** Of the Redis that the gateways write to. */
  redisPort(): Promise<number>;
  /** Of the servers that gateways write to, replicas among them. */
  redisPids(): number[];
  memoryFile(gateway: number): string;
  close(): Promise<void>;
}

/** All connections of one gateway to Redis, and to its sentinels. */
interface Cable {
  /** As `REDIS_URL`. */
  readonly url: string;
  readonly proxies: readonly TcpProxy[];
}

export async function deploy(options: SoakOptions): Promise<Deployment> {
  const sentinels = options.redis === 'sentinel' ? await startRedisWithSentinels() : undefined;
  const single = sentinels ? undefined : await startRedis();
  const memory = await mkdtemp(join(tmpdir(), 'soak-'));
  const memoryFile = (gateway: number) => join(memory, `gateway-${gateway + 1}.jsonl`);
  const cables = await Promise.all(
    Array.from({ length: options.gateways }, () =>
      sentinels ? cableThrough(sentinels) : Promise.resolve({ url: single!.url, proxies: [] }),
    ),
  );
  const cluster = await startCluster({
    gateways: options.gateways,
    loadBalancer: 'nginx',
    redis: cables[0]!.url,
    simulator: {
      extraAgents: options.users + options.others,
      bayeuxTimeoutMs: POLL_MS,
      accessTokenTtlS: ACCESS_TOKEN_TTL_S,
    },
    environment: (index) => ({
      REDIS_URL: cables[index]!.url,
      // Where a takeover is measured, garbage is collected when it is time, and a line is written when something is wrong.
      ...(options.kills === undefined
        ? {
            LOG_LEVEL: 'info',
            NODE_OPTIONS: `${NODE_OPTIONS} ${reportsMemory}`,
            MEMORY_REPORT: memoryFile(index),
          }
        : { LOG_LEVEL: 'warn', NODE_OPTIONS }),
    }),
  });
  return {
    cluster,
    cables,
    sentinels,
    startedAt: Date.now(),
    redisPort: () => sentinels?.primaryPort() ?? Promise.resolve(single!.port),
    redisPids: () => (sentinels ? [sentinels.first, sentinels.second] : [single!]).map(({ pid }) => pid),
    memoryFile,
    close: async () => {
      await cluster.close();
      await Promise.all(cables.flatMap(({ proxies }) => proxies.map((proxy) => proxy.close())));
      await sentinels?.close();
      await single?.close();
      await rm(memory, { recursive: true, force: true });
    },
  };
}

/** What the sentinels say of where they and their servers are leads into the cable, too. */
async function cableThrough({ first, second, sentinelPorts }: RedisWithSentinels): Promise<Cable> {
  const servers = await Promise.all([first, second].map(({ port }) => startTcpProxy(port)));
  const names = new Map<string, string>();
  const inCable = (bytes: Buffer): Buffer => {
    let text = bytes.toString('latin1');
    // Ports that the system gives have five digits: nothing that is counted changes.
    for (const [real, own] of names) text = text.replaceAll(`\r\n${real}\r\n`, `\r\n${own}\r\n`);
    return Buffer.from(text, 'latin1');
  };
  const watchers = await Promise.all(sentinelPorts.map((port) => startTcpProxy(port, inCable)));
  const reals = [first.port, second.port, ...sentinelPorts];
  for (const [index, { port }] of [...servers, ...watchers].entries())
    names.set(`${reals[index]}`, `${port}`);
  const addresses = watchers.map(({ port }) => `127.0.0.1:${port}`).join(',');
  return { url: `redis+sentinel://${addresses}/engage`, proxies: [...servers, ...watchers] };
}
