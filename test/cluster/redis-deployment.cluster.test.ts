import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { eventually } from '@gw/kernel/testing';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import { startRedisWithSentinels } from '../support/redis-sentinels.js';
import { startRedis } from '../support/redis-server.js';

const path = (file: string): string => fileURLToPath(new URL(`../../deploy/${file}`, import.meta.url));
const FAILOVER_DEADLINE_MS = 30_000;

describe('Redis, configured as in deploy/,', () => {
  const closing: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).toReversed()) await close();
  });

  const clientOf = (port: number) => {
    const client = new Redis({ port, host: '127.0.0.1', maxRetriesPerRequest: null });
    client.on('error', () => {});
    closing.push(() => client.disconnect());
    return client;
  };

  it('refuses a write that does not fit, and forgets nothing for it', async () => {
    const server = await startRedis([], path('redis.conf'));
    closing.push(() => server.close());
    const client = clientOf(server.port);
    await client.set('session', 'precious', 'EX', 600);
    await client.config('SET', 'maxmemory', '1');
    await expect(client.set('another', 'one')).rejects.toThrow(/OOM/);
    expect(await client.get('session')).toBe('precious');
  });

  it('remembers after a restart', async () => {
    const server = await startRedis([], path('redis.conf'));
    closing.push(() => server.close());
    await clientOf(server.port).set('session', 'precious');
    await server.stop('SIGTERM');
    await server.restart();
    expect(await clientOf(server.port).get('session')).toBe('precious');
  });

  it('has sentinels that make the replica primary when the primary is gone', async () => {
    const servers = await startRedisWithSentinels();
    closing.push(() => servers.close());
    await clientOf(servers.first.port).set('session', 'precious');
    await eventually(async () => expect(await clientOf(servers.second.port).get('session')).toBe('precious'));
    expect(await servers.primaryPort()).toBe(servers.first.port);
    await servers.first.stop();
    await eventually(
      async () => expect(await servers.primaryPort()).toBe(servers.second.port),
      FAILOVER_DEADLINE_MS,
    );
    const promoted = clientOf(servers.second.port);
    await eventually(async () => expect(await promoted.set('session', 'newer')).toBe('OK'));
  });

  it('becomes a cluster of six, once', async () => {
    const options = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '3000'];
    const nodes = await Promise.all(Array.from({ length: 6 }, () => startRedis(options, path('redis.conf'))));
    closing.push(() => Promise.all(nodes.map((node) => node.close())));
    const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`);
    const create = () =>
      spawnSync(path('create-redis-cluster.sh'), addresses, { encoding: 'utf8', timeout: 60_000 });
    expect(create()).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('All 16384 slots covered') as string,
    });
    expect(create()).toMatchObject({ status: 0, stdout: 'The cluster is there already.\n' });
    // Nodes become replicas after the command that makes them so has answered.
    await eventually(async () => {
      const shape = String(await clientOf(nodes[0]!.port).cluster('NODES'));
      expect(shape.match(/\bmaster\b/gu)).toHaveLength(3);
      expect(shape.match(/\bslave\b/gu)).toHaveLength(3);
    }, 30_000);
  });
});
