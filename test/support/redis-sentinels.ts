import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from '@gw/kernel/testing';
import { Redis } from 'ioredis';
import { BackgroundProcess } from './background-process.js';
import { freePort } from './free-port.js';
import { type RedisServer, startRedis } from './redis-server.js';

/** A Redis with a replica, watched by three sentinels, with the configuration of `deploy/`. */
export interface RedisWithSentinels {
  /** In the form of `REDIS_URL`. */
  readonly url: string;
  /** The primary at the beginning. */
  readonly first: RedisServer;
  /** The other one. */
  readonly second: RedisServer;
  readonly sentinels: readonly BackgroundProcess[];
  readonly sentinelPorts: readonly number[];
  /** Of the server that the sentinels call primary. */
  primaryPort(): Promise<number>;
  close(): Promise<void>;
}

const DEPLOY = new URL('../../deploy/', import.meta.url);
const SENTINELS = 3;
const READY_TIMEOUT_MS = 30_000;

export async function startRedisWithSentinels(): Promise<RedisWithSentinels> {
  const configuration = fileURLToPath(new URL('redis.conf', DEPLOY));
  const first = await startRedis([], configuration);
  const second = await startRedis(['--replicaof', '127.0.0.1', `${first.port}`], configuration);
  const folder = await mkdtemp(join(tmpdir(), 'sentinels-'));
  const ports = await Promise.all(Array.from({ length: SENTINELS }, freePort));
  const sentinels = await Promise.all(ports.map((port) => startSentinel(folder, port, first.port)));
  const client = new Redis({ port: ports[0]!, host: '127.0.0.1', maxRetriesPerRequest: null });
  client.on('error', () => {});
  const close = async () => {
    client.disconnect();
    await Promise.all(sentinels.map((sentinel) => sentinel.stop('SIGKILL')));
    await Promise.all([first.close(), second.close()]);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await eventually(() => agree(client), READY_TIMEOUT_MS);
  } catch (error) {
    await close();
    throw error;
  }
  const addresses = ports.map((port) => `127.0.0.1:${port}`).join(',');
  const primaryPort = async () => {
    const [, port] = (await client.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'engage')) as string[];
    return Number(port);
  };
  const url = `redis+sentinel://${addresses}/engage`;
  return { url, first, second, sentinels, sentinelPorts: ports, primaryPort, close };
}

/** As in `docker-compose.sentinel.yml`, but for addresses. */
export async function startSentinel(
  folder: string,
  port: number,
  primary: number,
): Promise<BackgroundProcess> {
  const own = await mkdtemp(join(folder, 'sentinel-'));
  const configuration = join(own, 'sentinel.conf');
  await copyFile(new URL('sentinel.conf', DEPLOY), configuration);
  const options = [
    ...['--port', `${port}`, '--bind', '127.0.0.1', '--dir', own],
    ...[
      '--sentinel',
      'announce-ip',
      '127.0.0.1',
      '--sentinel',
      'monitor',
      'engage',
      '127.0.0.1',
      `${primary}`,
      '2',
    ],
  ];
  const parameters = [configuration, '--sentinel', ...options];
  const environment = { PATH: process.env.PATH ?? '' };
  return new BackgroundProcess({ command: 'redis-server', parameters, environment, folder: own });
}

/** They know one another and the replica: only then can they fail over. */
async function agree(sentinel: Redis): Promise<void> {
  const quorum = await sentinel.call('SENTINEL', 'CKQUORUM', 'engage');
  if (!String(quorum).startsWith(`OK ${SENTINELS} usable`)) throw new Error(String(quorum));
  const replicas = (await sentinel.call('SENTINEL', 'REPLICAS', 'engage')) as string[][];
  const flags = replicas.map((fields) => fields[fields.indexOf('flags') + 1]);
  if (flags.join() !== 'slave') throw new Error(`replicas: ${flags.join()}`);
}
