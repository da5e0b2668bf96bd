import { randomBytes } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '@gw/kernel/testing';
import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { useCluster } from '../support/cluster.js';
import { leaksOf } from '../support/leaks.js';
import { locationOf } from '../support/person.js';

const CURRENT = '/api/workspace/v3/current-session';

const newKey = (id: string) => `${id}:${randomBytes(32).toString('base64')}`;

describe('what lies in Redis', () => {
  const cluster = useCluster({
    gateways: 2,
    simulator: { accessTokenTtlS: 4, rotateRefreshTokens: true },
    environment: { LOG_LEVEL: 'warn' },
  });
  const control = () => cluster().simulator.control;

  /** Every byte of a dump, and every value as it is read. */
  async function everything(): Promise<string> {
    const { port, folder } = cluster().redis!;
    const file = join(folder, 'dump-for-test.rdb');
    execFileSync('redis-cli', ['-p', String(port), '--rdb', file], { stdio: 'ignore', timeout: 20_000 });
    const client = new Redis({ port, host: '127.0.0.1' });
    const values = await Promise.all(
      (await client.keys('*')).map(async (key) => {
        const read = {
          string: () => client.get(key),
          hash: () => client.hgetall(key),
          zset: () => client.zrange(key, '0', '-1', 'WITHSCORES'),
          set: () => client.smembers(key),
          stream: () => client.xrange(key, '-', '+'),
        }[await client.type(key)];
        return JSON.stringify([key, await read?.()]);
      }),
    );
    client.disconnect();
    return `${(await readFile(file)).toString('latin1')}\n${values.join('\n')}`;
  }

  it('shows no token, no cookie, no client id and no login secret, in whatever form', async () => {
    const { redis } = cluster();
    const setting = new Redis({ port: redis!.port, host: '127.0.0.1' });
    // So that a search finds what is there.
    await setting.config('SET', 'rdbcompression', 'no');
    setting.disconnect();
    const anna = await cluster().signIn('anna', cluster().gateways[0]);
    const tab = anna.through(cluster().gateways[1]!.url).openTab();
    await tab.connected('workspace', 'statistics', 'provisioning');
    expect((await anna.request(CURRENT)).status).toBe(200);
    await eventually(async () => {
      expect((await anna.request(CURRENT)).status).toBe(200);
      expect(control().seen('anna').tokens.refreshToken).toBeGreaterThan(0);
    }, 15_000);
    control().publish('anna', 'workspace', '/workspace/v3/voice', 'something');
    await eventually(() => expect(tab.dataOn('/workspace/v3/voice')).toEqual(['something']));
    // Somebody is just signing in.
    const bela = cluster().person('bela');
    const begun = await bela.agent.request(`${cluster().url}/auth/login`, {
      via: cluster().gateways[0]!.url,
    });
    const cookies = [anna, bela].flatMap(({ agent }) =>
      agent
        .cookieHeader(cluster().url)
        .split('; ')
        .map((pair) => pair.slice(pair.indexOf('=') + 1)),
    );
    const state = new URL(locationOf(begun)).searchParams.get('state')!;
    const secrets = [...control().secrets('anna'), ...cookies, state].filter((one) => one.length >= 8);
    expect(secrets.length).toBeGreaterThan(8);

    const stored = await everything();
    expect(leaksOf(secrets, stored)).toEqual([]);
    // The search finds what is there.
    expect(leaksOf(['anna'], stored)).not.toEqual([]);
    expect(stored).toContain('something');
  });
});

describe('when the keys are rotated', () => {
  const [former, next] = [newKey('former'), newKey('next')];
  const cluster = useCluster({ environment: { LOG_LEVEL: 'warn', SESSION_KEYS: former } });

  it('nobody is logged out, while instances are restarted one by one', async () => {
    const people = [];
    for (const name of ['anna', 'bela']) people.push(await cluster().signIn(name, cluster().gateways[0]));
    const [anna] = people;
    let answered = 0;
    const refused: string[] = [];
    const rotating = { isOver: false };
    /** Asks the instances that run, whichever these are. */
    const traffic = (async () => {
      while (!rotating.isOver) {
        for (const { url, isRunning } of cluster().gateways.map((each) => ({
          url: each.url,
          isRunning: each.isRunning,
        }))) {
          if (!isRunning) continue;
          const answer = await anna!
            .through(url)
            .request(CURRENT)
            .catch(() => undefined);
          if (answer?.status === 200) answered += 1;
          else if (answer) refused.push(`${answer.status} ${answer.text}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    })();
    // First all can open what the new key seals, then it seals, then the old one goes.
    for (const keys of [`${former},${next}`, `${next},${former}`]) {
      for (const gateway of cluster().gateways) {
        expect(await gateway.terminate()).toBe(0);
        await gateway.restart({ SESSION_KEYS: keys });
      }
    }
    const late = await cluster().signIn('chloe', cluster().gateways[0]);
    rotating.isOver = true;
    await traffic;
    expect(refused).toEqual([]);
    expect(answered).toBeGreaterThan(0);
    for (const person of people) {
      for (const { url } of cluster().gateways) {
        expect((await person.through(url).request(CURRENT)).status).toBe(200);
      }
    }
    const [gateway] = cluster().gateways;
    await gateway!.terminate();
    await gateway!.restart({ SESSION_KEYS: next });
    expect((await late.through(gateway!.url).request(CURRENT)).status).toBe(200);
  });
});
