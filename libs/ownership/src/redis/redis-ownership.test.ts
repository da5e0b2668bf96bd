import { randomBytes } from 'node:crypto';
import { asApiName, asInstanceId, asUserId, Keyring, Secret, SystemClock } from '@gw/kernel';
import { eventually } from '@gw/kernel/testing';
import { type Keyspace, type RedisClient } from '@gw/redis';
import { redisServers } from '@gw/redis/testing';
import { describe, expect, it } from 'vitest';
import {
  boardContract,
  type ClusterHarness,
  instancesContract,
  leasesContract,
  locksContract,
  type Member,
} from '../testing/index.js';
import { USER_STATE_TTL_MS } from '../leases.js';
import { RedisBoard } from './redis-board.js';
import { RedisInstances } from './redis-instances.js';
import { RedisLeases } from './redis-leases.js';
import { RedisLocks } from './redis-locks.js';

const keyring = new Keyring([{ id: 'test', key: new Secret(randomBytes(32).toString('base64')) }]);
const clock = new SystemClock();
/** Short, and long enough for a machine that is busy with something else. */
const TIMES = { beatMs: 100, deadAfterMs: 1_000 };

describe.each(redisServers)('$name', ({ name, connect }) => {
  interface RedisMember extends Member {
    readonly instances: RedisInstances;
    readonly redis: Awaited<ReturnType<typeof connect>>['redis'];
    readonly keys: Keyspace;
  }

  function openCluster() {
    let keys: Keyspace | undefined;
    const members: RedisMember[] = [];
    return {
      join: async (): Promise<RedisMember> => {
        const at = await connect(keys);
        keys = at.keys;
        const self = asInstanceId(`instance-${members.length + 1}`);
        const instances = new RedisInstances(at.redis, at.keys, clock, { self, ...TIMES });
        await instances.start();
        const member = {
          redis: at.redis,
          keys: at.keys,
          instances,
          leases: new RedisLeases(at.redis, at.keys, keyring, instances),
          locks: new RedisLocks(at.redis, at.keys, clock, { ttlMs: 500 }),
          board: new RedisBoard(at.redis, at.keys, instances),
          die: () => {
            at.close();
            return Promise.resolve();
          },
        };
        members.push(member);
        return member;
      },
      close: async () => {
        for (const { instances, redis } of members) {
          await instances.close();
          redis.close();
        }
      },
    };
  }
  const open = (): Promise<ClusterHarness> => Promise.resolve(openCluster());

  instancesContract(name, open);
  leasesContract(name, open);
  locksContract(name, open);
  boardContract(name, open);

  it('users of a dead instance are those of a survivor that has taken them, should that die before it begins', async () => {
    const cluster = openCluster();
    const [one, two, three] = [await cluster.join(), await cluster.join(), await cluster.join()];
    const users = Array.from({ length: 10 }, (_, index) => asUserId(`user-${index}`));
    for (const user of users) await one.board.wish(user, asApiName('workspace'), ['/a']);
    await two.board.wish(users[0]!, asApiName('workspace'), ['/b']);
    await one.die();
    const taken = [
      ...(await two.board.inherit(one.instances.self, 6)),
      ...(await three.board.inherit(one.instances.self, 6)),
    ];
    expect(taken.toSorted()).toEqual(users.toSorted());
    await two.die();
    const left = await three.board.inherit(two.instances.self, 10);
    expect(left.toSorted()).toEqual([...new Set([users[0]!, ...taken.slice(0, 6)])].toSorted());
    await cluster.close();
  });

  it('users that others were quicker to take are looked after by them alone', async () => {
    const cluster = openCluster();
    const [one, two, three] = [await cluster.join(), await cluster.join(), await cluster.join()];
    const users = Array.from({ length: 20 }, (_, index) => asUserId(`user-${index}`));
    for (const user of users) await one.board.wish(user, asApiName('workspace'), ['/a']);
    await one.die();
    const share = async (member: RedisMember) => {
      const taken: string[] = [];
      for (let batch = await member.board.inherit(one.instances.self, 5); batch.length > 0;) {
        taken.push(...batch);
        batch = await member.board.inherit(one.instances.self, 5);
      }
      return taken;
    };
    // Two has something of these itself, and may not know any more that Redis knows.
    const own = users.slice(0, 8);
    for (const user of own) await two.board.wish(user, asApiName('workspace'), ['/b']);
    two.instances.users.doubt();
    const [ofTwo, ofThree] = await Promise.all([share(two), share(three)]);
    expect([...ofTwo, ...ofThree].toSorted()).toEqual(users.toSorted());
    await two.die();
    const left = await three.board.inherit(two.instances.self, 20);
    expect(left.toSorted()).toEqual([...new Set([...ofTwo, ...own])].toSorted());
    await cluster.close();
  });

  it('A lock whose holder died is free after its time', async () => {
    const cluster = openCluster();
    const [one, two] = [await cluster.join(), await cluster.join()];
    let begun = () => {};
    const running = new Promise<void>((resolve) => (begun = resolve));
    const never = one.locks.run('a', 1_000, () => {
      begun();
      return new Promise(() => {});
    });
    never.catch(() => {});
    await running;
    await one.die();
    expect((await two.locks.run('a', 10_000, () => Promise.resolve())).kind).toBe('done');
    await cluster.close();
  });

  it('A lock that was lost to another is neither prolonged nor given back by the one who lost it', async () => {
    const cluster = openCluster();
    const { locks, redis, keys } = await cluster.join();
    const key = keys.of('lock', 'a');
    let begun = () => {};
    let end = () => {};
    const running = new Promise<void>((resolve) => (begun = resolve));
    const task = new Promise<void>((resolve) => (end = resolve));
    const done = locks.run('a', 1_000, () => {
      begun();
      return task;
    });
    await running;
    await redis.run((client) => client.set(key, 'another', 'PX', 600));
    // It is looked after every 170 ms, for 500 ms each time.
    await eventually(async () => expect(await redis.run((client) => client.exists(key))).toBe(0));
    await redis.run((client) => client.set(key, 'another'));
    end();
    await done;
    expect(await redis.run((client) => client.getdel(key))).toBe('another');
    await cluster.close();
  });

  it('An instance that was silent for hours is not kept among the dead', async () => {
    const cluster = openCluster();
    const one = await cluster.join();
    const key = one.keys.of('instances');
    await one.redis.run((client) => client.zadd(key, Date.now() - 2 * 3_600_000, 'long-dead'));
    await eventually(async () =>
      expect(await one.redis.run((client) => client.zrange(key, '0', '-1'))).toEqual(['instance-1']),
    );
    await cluster.close();
  });

  it('What nobody renews disappears, also when no instance is left to remove it', async () => {
    const cluster = openCluster();
    const { board, leases, redis, keys } = await cluster.join();
    const [anna, api] = [asUserId('anna'), asApiName('workspace')];
    await board.wish(anna, api, ['/a']);
    const { lease } = await leases.seize(anna, api);
    await leases.save(anna, api, lease, { state: 'client-id-77' });
    await board.report(anna, api, lease, { state: 'connected', channels: {}, refused: [] });
    const all = ['leases', 'states', 'wishes', 'reports'].map((part) => keys.ofUser(anna, part));
    const left = () => Promise.all(all.map((key) => redis.run((client) => client.pttl(key))));
    const steps = [
      () => board.wish(anna, api, ['/a']),
      () => leases.confirm(anna, api, lease),
      () => leases.save(anna, api, lease, { state: 'client-id-78' }),
      () => board.report(anna, api, lease, { state: 'interrupted', channels: {}, refused: [] }),
    ];
    for (const step of steps) {
      for (const key of all) await redis.run((client) => client.persist(key));
      await step();
      for (const ms of await left()) {
        expect(ms).toBeGreaterThan(0);
        expect(ms).toBeLessThanOrEqual(USER_STATE_TTL_MS);
      }
    }
    await cluster.close();
  });

  it('An instance is not told of what it wished, reported and took itself', async () => {
    const cluster = openCluster();
    const [one, two] = [await cluster.join(), await cluster.join()];
    const [anna, api] = [asUserId('anna'), asApiName('workspace')];
    let told = 0;
    await one.board.listen(anna, { changed: () => (told += 1), publish: () => undefined });
    await one.board.wish(anna, api, ['/a']);
    const claim = await one.leases.claim(anna, api);
    await one.board.report(anna, api, claim.lease, { state: 'connected', channels: {}, refused: [] });
    await two.board.wish(anna, api, ['/b']);
    await eventually(() => expect(told).toBe(1));
    await one.leases.release(anna, api, claim.lease, 'keep');
    await eventually(() => expect(told).toBe(2));
    await cluster.close();
  });

  it('Survivors look after a user also when Redis had lost that an instance has something of that user', async () => {
    const cluster = openCluster();
    const [one, two] = [await cluster.join(), await cluster.join()];
    const [anna, api] = [asUserId('anna'), asApiName('workspace')];
    const { self, users } = one.instances;
    await one.board.wish(anna, api, ['/a']);
    await two.board.inherit(self, 10);
    users.doubt();
    await one.board.wish(anna, api, ['/a', '/b']);
    expect(await two.board.inherit(self, 10)).toEqual([anna]);
    await cluster.close();
  });

  it('Nothing is left in Redis of users who are gone and of instances that left', async () => {
    const cluster = openCluster();
    const one = await cluster.join();
    const [anna, api] = [asUserId('anna {x}'), asApiName('workspace')];
    await one.board.wish(anna, api, ['/a']);
    const { lease } = await one.leases.seize(anna, api);
    await one.leases.save(anna, api, lease, { state: 'client-id-77' });
    await one.board.report(anna, api, lease, { state: 'connected', channels: {}, refused: [] });
    const states = await one.redis.run((client) => client.hvals(one.keys.ofUser(anna, 'states')));
    expect(states.join()).not.toContain('client-id-77');
    await one.board.wish(anna, api, []);
    await one.board.report(anna, api, lease, undefined);
    await one.leases.release(anna, api, lease, 'forget');
    await one.instances.close();
    const prefix = one.keys.of('');
    await eventually(async () => expect(await one.redis.run((client) => keysOf(client, prefix))).toEqual([]));
    await cluster.close();
  });
});

async function keysOf(client: RedisClient, prefix: string): Promise<string[]> {
  const nodes = 'nodes' in client ? client.nodes('master') : [client];
  const found = await Promise.all(nodes.map((node) => node.keys(`${prefix}*`)));
  return found.flat();
}
