import { eventually } from '@gw/kernel/testing';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Cluster, startCluster } from '../support/cluster.js';
import { startRedisCluster } from '../support/redis-cluster.js';
import { type RedisWithSentinels, startRedisWithSentinels } from '../support/redis-sentinels.js';
import { type RedisServer, startRedis } from '../support/redis-server.js';
import { Traffic } from '../support/traffic.js';

const SHORT_OUTAGE_MS = 5_000;
/** Above ten seconds sessions are not vouched for any more; longer changes nothing. */
const LONG_OUTAGE_MS = 13_000;
const PATIENCE_MS = 40_000;
const ONE_SESSION = { handshakes: 1, maxSessions: 1 };

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function clientOf(port: number): Redis {
  const client = new Redis({ port, host: '127.0.0.1', maxRetriesPerRequest: null });
  client.on('error', () => {});
  onTestFinished(() => client.disconnect());
  return client;
}

/** What was written until now is at the replica. */
async function isReplicated(port: number, marker: string): Promise<void> {
  const primary = clientOf(port);
  await primary.set(marker, 1);
  expect(await primary.wait(1, PATIENCE_MS)).toBe(1);
}

interface Deployment {
  readonly url: string;
  close(): Promise<void>;
}

/** Three gateways on a Redis of this kind, which the tests of a `describe` share. */
function useGateways<T extends Deployment>(startRedisOf: () => Promise<T>) {
  let redis: T | undefined;
  let cluster: Cluster | undefined;
  let pids: number[] = [];
  beforeAll(async () => {
    redis = await startRedisOf();
    cluster = await startCluster({ redis: redis.url, environment: { LOG_LEVEL: 'info' } });
    pids = cluster.gateways.map(({ pid }) => pid);
  });
  afterEach(({ task }) => {
    if (task.result?.state === 'fail') console.error(cluster?.report());
  });
  afterAll(async () => {
    await cluster?.close();
    await redis?.close();
  });
  const readiness = (status: number) =>
    eventually(async () => {
      const all = await Promise.all(cluster!.gateways.map((gateway) => gateway.readiness()));
      expect(all).toEqual(all.map(() => status));
    }, PATIENCE_MS);
  return {
    redis: () => redis!,
    cluster: () => cluster!,
    work: async (userName: string) => {
      const traffic = await Traffic.start(cluster!, userName);
      onTestFinished(() => traffic.close());
      return traffic;
    },
    areReady: () => readiness(200),
    areNotReady: () => readiness(503),
    /** The same processes as at the beginning. */
    expectNoCrash: () => {
      expect(cluster!.gateways.map(({ isRunning }) => isRunning)).toEqual([true, true, true]);
      expect(cluster!.gateways.map(({ pid }) => pid)).toEqual(pids);
    },
  };
}

describe('While Redis is away,', () => {
  const { redis, cluster, work, areReady, areNotReady, expectNoCrash } = useGateways(() =>
    startRedis(['--appendonly', 'yes']),
  );

  const freeze = (server: RedisServer) => {
    process.kill(server.pid, 'SIGSTOP');
    return Promise.resolve();
  };
  const thaw = (server: RedisServer) => {
    process.kill(server.pid, 'SIGCONT');
    return Promise.resolve();
  };
  const kill = (server: RedisServer) => server.stop('SIGKILL');
  const restart = (server: RedisServer) => server.restart();

  it.each([
    ['which hangs for five seconds', 'anna', freeze, thaw],
    ['which is killed and restarted after five seconds', 'bela', kill, restart],
  ] as const)('%s, requests go on, and notifications wait', async (_, userName, stop, start) => {
    const traffic = await work(userName);
    traffic.statuses();
    const stopped = pause(SHORT_OUTAGE_MS);
    await stop(redis());
    await areNotReady();
    await stopped;
    await start(redis());
    await areReady();
    await traffic.flows();
    expect(traffic.statuses()).toEqual([200]);
    expect(await traffic.faults()).toEqual([[], [], []]);
    expect(traffic.gaps).toEqual([]);
    expect(traffic.listeners.map(({ sockets }) => sockets)).toEqual([1, 1, 1]);
    expect(traffic.seen).toMatchObject(ONE_SESSION);
    expectNoCrash();
  });

  it('for more than ten seconds, sockets are closed without a word, requests get 503, and nobody is logged out', async () => {
    const traffic = await work('chloe');
    const stopped = pause(LONG_OUTAGE_MS);
    await kill(redis());
    await areNotReady();
    await stopped;
    traffic.statuses();
    await pause(500);
    expect(traffic.statuses()).toEqual([503]);
    await restart(redis());
    await areReady();
    await traffic.flows();
    expect(await traffic.faults()).toEqual([[], [], []]);
    expect(traffic.listeners.map(({ isSignedOut }) => isSignedOut)).toEqual([false, false, false]);
    for (const { sockets } of traffic.listeners) expect(sockets).toBeGreaterThan(1);
    expect(traffic.seen.maxSessions).toBe(1);
    expectNoCrash();
  });

  it('and has forgotten everything, people are told so, and sign in again', async () => {
    const traffic = await work('david');
    await clientOf(redis().port).flushall();
    await eventually(() => {
      expect(traffic.listeners.map(({ isSignedOut }) => isSignedOut)).toEqual([true, true, true]);
    }, PATIENCE_MS);
    traffic.statuses();
    await pause(500);
    expect(traffic.statuses()).toEqual([401]);
    expect(traffic.faultsSoFar()).toEqual([[], [], []]);
    traffic.close();
    const again = await work('david');
    expect(await again.faults()).toEqual([[], [], []]);
    // The CometD session before is lost to everybody, and ends by the platform's own clock.
    expect(cluster().simulator.control.seen('david').apis.workspace.handshakes).toBeGreaterThanOrEqual(2);
    expectNoCrash();
    await areReady();
  });
});

describe('Redis with sentinels', () => {
  const { redis, work, areReady, expectNoCrash } = useGateways(startRedisWithSentinels);

  it('fails over, and loses the last writes: clients are told', async () => {
    const { first, second } = redis();
    const replica = clientOf(second.port);
    await eventually(async () =>
      expect(await replica.info('replication')).toContain('master_link_status:up'),
    );
    const traffic = await work('anna');
    await isReplicated(first.port, 'marker');
    await cutReplicaOff(redis());
    await traffic.flows();
    await first.stop('SIGKILL');
    await eventually(async () => expect(await redis().primaryPort()).toBe(second.port), PATIENCE_MS);
    await areReady();
    await traffic.flows();
    expect(await traffic.faults()).toEqual([[], [], []]);
    expect(traffic.gaps).toContain('epoch');
    expect(traffic.listeners.map(({ isSignedOut }) => isSignedOut)).toEqual([false, false, false]);
    expect(traffic.seen.maxSessions).toBe(1);
    expectNoCrash();
  });

  /** From now on writes reach the primary only. */
  async function cutReplicaOff({ first, second }: RedisWithSentinels): Promise<void> {
    const primary = clientOf(first.port);
    await primary.call('ACL', 'SETUSER', 'default', '-psync', '-sync');
    await primary.call('CLIENT', 'KILL', 'TYPE', 'replica');
    const replica = clientOf(second.port);
    await eventually(async () =>
      expect(await replica.info('replication')).toContain('master_link_status:down'),
    );
  }
});

describe('Redis Cluster', () => {
  const { redis, cluster, work, areReady, expectNoCrash } = useGateways(startRedisCluster);

  it('loses the primary that has all of a person: the replica goes on, and so does everybody', async () => {
    const [anna, bela] = [await work('anna'), await work('bela')];
    const client = clientOf(redis().nodes[0]!.port);
    const ofAnna = '{u:t100%5Canna}';
    const slot = await client.cluster('KEYSLOT', ofAnna);
    const slots = await client.cluster('SLOTS');
    const port = slots.find(([from, to]) => from <= slot && slot <= to)?.[2]?.[1];
    const primary = redis().nodes.find((node) => node.port === port);
    await isReplicated(primary!.port, `${ofAnna}:marker`);
    await primary!.stop('SIGKILL');
    for (const traffic of [anna, bela]) {
      await traffic.flows();
      expect(await traffic.faults()).toEqual([[], [], []]);
      expect(traffic.listeners.map(({ isSignedOut }) => isSignedOut)).toEqual([false, false, false]);
      expect(traffic.seen.maxSessions).toBe(1);
    }
    await areReady();
    expectNoCrash();
    const chloe = await cluster().signIn('chloe', cluster().gateways[1]);
    expect((await chloe.request('/auth/session')).status).toBe(200);
  });
});
