import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SystemClock } from '@gw/kernel';
import { eventually } from '@gw/kernel/testing';
import { parseRedisUrl, RedisConnections, RedisEvents } from '@gw/redis';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { freePort } from '../support/free-port.js';
import { startSentinel } from '../support/redis-sentinels.js';
import { type RedisServer, startRedis } from '../support/redis-server.js';

class QuietEvents extends RedisEvents {}

/** As after a failover of which one sentinel has not heard yet, with the old primary back. */
describe('a gateway whose sentinels name two primaries', () => {
  let folder: string;
  let primary: RedisServer;
  let former: RedisServer;
  const sentinels: { readonly port: number; readonly names: RedisServer; readonly stop: () => unknown }[] =
    [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sentinels-'));
    [primary, former] = await Promise.all([startRedis(), startRedis()]);
    for (const names of [former, primary, primary]) {
      const port = await freePort();
      const sentinel = await startSentinel(folder, port, names.port);
      sentinels.push({ port, names, stop: () => sentinel.stop('SIGKILL') });
    }
  });
  afterAll(async () => {
    await Promise.all(sentinels.map(({ stop }) => stop()));
    await Promise.all([primary.close(), former.close()]);
    await rm(folder, { recursive: true, force: true });
  });

  const connect = (chosen: readonly { readonly port: number }[]) => {
    const addresses = chosen.map(({ port }) => `127.0.0.1:${port}`).join(',');
    const target = parseRedisUrl(`redis+sentinel://${addresses}/engage`);
    const redis = new RedisConnections(target, new SystemClock(), new QuietEvents());
    onTestFinished(() => redis.close());
    return redis;
  };

  it('goes to the one that most of them name, though the first that answers names the other', async () => {
    const redis = connect(sentinels);
    await redis.ready(10_000);
    const port = await redis.run((client) => client.call('CONFIG', 'GET', 'port'));
    expect(port).toEqual(['port', `${primary.port}`]);
  });

  it('goes to neither while there is no majority', async () => {
    const [lagging, one] = sentinels;
    const redis = connect([lagging!, one!]);
    await expect(redis.ready(2_000)).rejects.toMatchObject({ code: 'state_unavailable' });
    await expect(redis.run((client) => client.ping())).rejects.toMatchObject({ code: 'state_unavailable' });
  });

  it('needs no answer of a sentinel that is gone', async () => {
    const redis = connect([{ port: await freePort() }, sentinels[1]!, sentinels[2]!]);
    await eventually(async () => expect(await redis.run((client) => client.ping())).toBe('PONG'));
  });
});
