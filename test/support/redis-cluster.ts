import { spawnSync } from 'node:child_process';
// By its path: vitest starts its global set-up without our export conditions.
import { eventually } from '../../libs/kernel/src/testing/eventually.js';
import { Redis } from 'ioredis';
import { type RedisServer, startRedis } from './redis-server.js';

export interface RedisClusterServers {
  /** In the form of `REDIS_URL`. */
  readonly url: string;
  readonly nodes: readonly RedisServer[];
  close(): Promise<void>;
}

const NODES = 6;
/** A cluster node talks to the others on its port plus 10,000. */
const NODE_OPTIONS = [
  '--cluster-enabled',
  'yes',
  '--cluster-node-timeout',
  '1500',
  '--repl-diskless-sync-delay',
  '0',
  '--cluster-replica-validity-factor',
  '0',
  // A replica is one as soon as the cluster is formed.
  '--repl-diskless-sync-delay',
  '0',
];
const FORM_TIMEOUT_MS = 30_000;

/** A Redis Cluster of three primaries with a replica each, as processes on loopback. */
export async function startRedisCluster(): Promise<RedisClusterServers> {
  const nodes = await Promise.all(Array.from({ length: NODES }, () => startRedis(NODE_OPTIONS)));
  const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`);
  const close = async () => {
    await Promise.all(nodes.map((node) => node.close()));
  };
  try {
    const formed = spawnSync(
      'redis-cli',
      ['--cluster', 'create', ...addresses, '--cluster-replicas', '1', '--cluster-yes'],
      { encoding: 'utf8', timeout: FORM_TIMEOUT_MS },
    );
    if (formed.status !== 0)
      throw new Error(`redis-cli --cluster create failed: ${formed.stdout}${formed.stderr}`);
    await Promise.all(nodes.map(({ port }) => isFormed(port)));
  } catch (error) {
    await close();
    throw error;
  }
  return { url: addresses.map((address) => `redis://${address}`).join(','), nodes, close };
}

async function isFormed(port: number): Promise<void> {
  const client = new Redis({ port, host: '127.0.0.1' });
  try {
    await eventually(async () => {
      const info = await client.cluster('INFO');
      if (!info.includes('cluster_state:ok') || !info.includes('cluster_known_nodes:6'))
        throw new Error(info);
      const nodes = String(await client.cluster('NODES'));
      if (nodes.match(/\bslave\b/gu)?.length !== NODES / 2) throw new Error(nodes);
      const replication = await client.info('replication');
      if (replication.includes('role:slave') && !replication.includes('master_link_status:up'))
        throw new Error(replication);
    }, FORM_TIMEOUT_MS);
  } finally {
    client.disconnect();
  }
}
