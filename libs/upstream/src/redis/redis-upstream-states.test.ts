import { randomBytes } from 'node:crypto';
import { asApiName, asUserId, Keyring, Secret, SystemClock } from '@gw/kernel';
import { eventually } from '@gw/kernel/testing';
import { RedisLocks } from '@gw/ownership/redis';
import { type Keyspace } from '@gw/redis';
import { redisServers } from '@gw/redis/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { engageProfile } from '../engage-profile.js';
import { NumberedBearers } from '../testing/numbered-bearers.js';
import { ScriptedUpstream } from '../testing/scripted-upstream.js';
import { upstreamStatesContract } from '../testing/upstream-states.contract.js';
import { UpstreamEvents } from '../upstream-events.js';
import { UpstreamSessions } from '../upstream-sessions.js';
import { RedisUpstreamStates } from './redis-upstream-states.js';

const keyring = new Keyring([{ id: 'test', key: new Secret(randomBytes(32).toString('base64')) }]);
const clock = new SystemClock();
const anna = asUserId('anna');
const workspace = asApiName('workspace');
const INIT = '/workspace/v3/initialize-workspace';
const VOICE = '/workspace/v3/voice';

class Quiet extends UpstreamEvents {}

for (const { name, connect } of redisServers) {
  upstreamStatesContract(name, async () => {
    const [one, two] = await (async () => {
      const first = await connect();
      return [first, await connect(first.keys)] as const;
    })();
    return {
      here: new RedisUpstreamStates(one.redis, one.keys, keyring),
      there: new RedisUpstreamStates(two.redis, two.keys, keyring),
      close: () => {
        one.close();
        two.close();
        return Promise.resolve();
      },
    };
  });
}

describe.each(redisServers)('what lies of a user in $name', ({ connect }) => {
  it('disappears when nobody uses it, and a cookie that the upstream removed at once', async () => {
    const { redis, keys, close } = await connect();
    const states = new RedisUpstreamStates(redis, keys, keyring);
    const key = keys.ofUser(anna, 'upstream');
    const at = { origin: 'https://gws.example.com', key: 'ROUTE' };
    const steps = [
      () => states.keepCookies(anna, [{ ...at, cookie: { pair: 'ROUTE=1', path: '/' } }]),
      () => states.initialised(anna, workspace),
      () => states.worthless(anna, workspace, 1),
      () => states.load(anna),
      () => states.keepCookies(anna, [{ ...at, cookie: undefined }]),
    ];
    for (const step of steps) {
      await redis.run((client) => client.persist(key));
      await step();
      const ms = await redis.run((client) => client.pttl(key));
      expect(ms).toBeGreaterThan(0);
      expect(ms).toBeLessThanOrEqual(12 * 3_600_000);
    }
    const fields = await redis.run((client) => client.hkeys(key));
    expect(fields.toSorted()).toEqual(['generation workspace', 'worthless workspace']);
    close();
  });
});

describe('an upstream session that several instances use', () => {
  const [{ connect }] = redisServers as [(typeof redisServers)[number]];
  const upstream = () => one.upstream;
  let one: Awaited<ReturnType<typeof open>>;
  let two: Awaited<ReturnType<typeof open>>;

  async function open(beside?: { keys: Keyspace; upstream: ScriptedUpstream }) {
    const { redis, keys, close } = await connect(beside?.keys);
    const http = beside?.upstream ?? new ScriptedUpstream();
    const shared = {
      states: new RedisUpstreamStates(redis, keys, keyring),
      locks: new RedisLocks(redis, keys, clock),
    };
    const options = { apiUrl: 'https://gws.example.com', timeoutMs: 5_000 };
    const bearers = new NumberedBearers();
    const sessions = new UpstreamSessions(engageProfile, bearers, http, clock, new Quiet(), options, shared);
    return { redis, keys, close, sessions, upstream: http };
  }

  beforeEach(async () => {
    one = await open();
    two = await open(one);
  });
  afterEach(async () => {
    for (const each of [one, two]) {
      await each.sessions.close();
      each.close();
    }
  });

  const cookieAt = async (at: typeof one) => {
    const prepared = await at.sessions.prepare(anna, workspace, VOICE);
    return prepared.kind === 'ready' ? prepared.headers.cookie : prepared.kind;
  };

  it('is made once, however many need it at how many instances, and has one cookie', async () => {
    const cookies = await Promise.all(
      Array.from({ length: 10 }, (_, index) => cookieAt(index % 2 ? one : two)),
    );
    expect(new Set(cookies)).toEqual(new Set(['WORKSPACE_SESSIONID=ws-1']));
    expect(upstream().count(INIT)).toBe(1);
  });

  it('sends at one instance the cookies that the upstream set at another', async () => {
    await cookieAt(one);
    await cookieAt(two);
    one.sessions.remember(anna, workspace, ['ROUTE=node-7']);
    await eventually(async () => {
      const cookies = (await cookieAt(two))?.split('; ').toSorted();
      expect(cookies).toEqual(['ROUTE=node-7', 'WORKSPACE_SESSIONID=ws-1']);
    }, 5_000);
  });

  it('that was replaced at one instance is so at all, and those who hold it are told', async () => {
    await cookieAt(one);
    await cookieAt(two);
    const told: string[] = [];
    two.sessions.onInitialised((user, api) => told.push(`${user} ${api}`));
    const used = { token: 'anna-token-1', generation: 1 };
    expect(await one.sessions.recover(anna, workspace, 403, used)).toBe('repeat');
    await eventually(() => expect(told).toEqual(['anna workspace']));
    expect(two.sessions.generation(anna, workspace)).toBe(2);
    expect(await cookieAt(two)).toBe('WORKSPACE_SESSIONID=ws-2');
    // What failed in the first is repeated in the second, which nobody replaces again.
    expect(await two.sessions.recover(anna, workspace, 403, used)).toBe('repeat');
    expect(upstream().count(INIT)).toBe(2);
  });

  it('is logged out by an instance that never used it, and then unknown to all', async () => {
    await cookieAt(one);
    await two.sessions.logout(anna, workspace);
    const [logout] = upstream().sent.filter(({ path }) => path === '/workspace/v3/logout');
    expect(logout?.headers.cookie).toBe('WORKSPACE_SESSIONID=ws-1');
    await two.sessions.forget(anna);
    await eventually(() => expect(one.sessions.generation(anna, workspace)).toBe(0));
    expect(await cookieAt(one)).toBe('WORKSPACE_SESSIONID=ws-2');
  });

  it('shows no cookie to one who reads Redis', async () => {
    upstream().on(INIT, {
      status: 200,
      body: '{"status":{"code":1}}',
      setCookies: ['WORKSPACE_SESSIONID=sEcReT-77'],
    });
    await cookieAt(one);
    const stored = await one.redis.run((client) => client.hgetall(one.keys.ofUser(anna, 'upstream')));
    expect(JSON.stringify(stored)).toContain('WORKSPACE_SESSIONID');
    expect(JSON.stringify(stored)).not.toContain('sEcReT-77');
    expect(await cookieAt(two)).toBe('WORKSPACE_SESSIONID=sEcReT-77');
  });
});
