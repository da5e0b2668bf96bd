import { eventually } from '@gw/kernel/testing';
import { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startCluster, useCluster } from '../support/cluster.js';
import { keysIn, ownerOf } from '../support/redis-contents.js';
import { type Person } from '../support/person.js';
import { startRedis } from '../support/redis-server.js';
import { type SocketClient } from '../support/socket-client.js';
import { startTcpProxy } from '../support/tcp-proxy.js';

const VOICE = '/workspace/v3/voice';
const VOICE_ONLY = { channels: [{ api: 'workspace', channel: VOICE }] };
const CURRENT = '/api/workspace/v3/current-session';
/** Unlike Workspace, Statistics looks at the bearer of each request. */
const BEARER_ONLY = '/statistics/v3/subscriptions/none/statistic-values';
const WITHIN_MS = 1_000;

/** When the last packet came, of whatever kind. */
function lastFrame({ socket }: SocketClient): { at: number } {
  const last = { at: 0 };
  socket.io.on('packet', () => (last.at = Date.now()));
  return last;
}

/** As a browser does it; but this one keeps its cookie, to try it again. */
async function logOut(person: Person, publicUrl: string, gateway: string): Promise<void> {
  const headers = { cookie: person.agent.cookieHeader(publicUrl), origin: publicUrl, 'x-csrf': '1' };
  const answer = await fetch(`${gateway}/auth/logout`, { method: 'POST', headers });
  expect(answer.status).toBe(204);
}

const sessionEvents = ({ received }: SocketClient) => received.filter(({ type }) => type === 'session');

describe('a logout at one of three instances', () => {
  const cluster = useCluster({ environment: { LOG_LEVEL: 'warn' } });
  const control = () => cluster().simulator.control;
  const gateways = () => cluster().gateways;
  const url = (index: number) => gateways()[index]!.url;
  const redis = () => {
    const client = new Redis(cluster().redis!.url);
    onTestFinished(() => client.disconnect());
    return client;
  };
  const signIn = async (userName: string) => {
    const person = await cluster().signIn(userName, gateways()[0]);
    const statuses = async (path: string) => {
      const answers = await Promise.all(gateways().map((each) => person.through(each.url).request(path)));
      return answers.map(({ status }) => status);
    };
    const logout = () => logOut(person, cluster().url, url(0));
    return { person, statuses, logout };
  };

  const stateOf = async (userName: string, client: Redis) => [
    ...(await keysIn(client, `*${userName}}:sessions`)),
    ...(await keysIn(client, `*${userName}}:upstream`)),
  ];

  /** Nobody is signed in any more, nor can anything be gone on with. */
  async function expectNothingLeft(userName: string, client: Redis): Promise<void> {
    const sessions = await keysIn(client, '*:session:*');
    expect(sessions).not.toEqual([]);
    for (const key of sessions) expect(await client.hkeys(key)).toEqual(['gone']);
    expect(await stateOf(userName, client)).toEqual([]);
    expect(control().seen(userName).apis.workspace.sessions).toBe(0);
    expect(control().forgetHttpSession(userName, 'workspace')).toBe(0);
    await eventually(async () => {
      for (const token of control().secrets(userName)) {
        const headers = { authorization: `Bearer ${token}` };
        expect((await fetch(cluster().simulator.url + BEARER_ONLY, { headers })).status).toBe(401);
      }
    });
  }

  it('ends sockets, requests and the CometD session at all of them within a second', async () => {
    const client = redis();
    const { person: anna, statuses, logout } = await signIn('anna');
    const tabs: SocketClient[] = [];
    for (const index of [1, 2, 0]) {
      const tab = anna.through(url(index)).openTab(VOICE_ONLY);
      await tab.connected('workspace');
      tabs.push(tab);
    }
    expect(await ownerOf(client, 'anna', 'workspace')).toBe(gateways()[1]!.name);
    const frames = tabs.map(lastFrame);
    let number = 0;
    const traffic = setInterval(() => control().publish('anna', 'workspace', VOICE, (number += 1)), 20);
    onTestFinished(() => clearInterval(traffic));
    await eventually(() => expect(tabs.every((tab) => tab.dataOn(VOICE).length > 5)).toBe(true));

    await logout();
    const loggedOutAt = Date.now();
    expect(await statuses(CURRENT)).toEqual([401, 401, 401]);
    await new Promise((resolve) => setTimeout(resolve, 2 * WITHIN_MS));
    clearInterval(traffic);
    for (const { at } of frames) expect(at - loggedOutAt).toBeLessThan(WITHIN_MS);
    for (const tab of tabs) {
      expect(tab.socket.connected).toBe(false);
      expect(sessionEvents(tab)).toMatchObject([{ state: 'ended', reason: 'logout' }]);
      expect(tab.received.at(-1)).toMatchObject({ type: 'session' });
    }
    await eventually(() =>
      expect(control().seen('anna').apis.workspace).toMatchObject({ sessions: 0, handshakes: 1, logouts: 1 }),
    );
    expect(control().seen('anna').signOuts).toBe(1);
    await expectNothingLeft('anna', client);
  });

  it('is not undone by slow requests that began before it', async () => {
    const client = redis();
    const { person: bela, statuses, logout } = await signIn('bela');
    expect(await statuses(CURRENT)).toEqual([200, 200, 200]);
    expect(await stateOf('bela', client)).toHaveLength(2);
    control().faults.add({ on: 'rest', user: 'bela', kind: 'delay', delayMs: 2_000, times: 2 });
    const slow = [1, 2].map((index) => bela.through(url(index)).request(CURRENT));
    await eventually(() => expect(control().faults.list()).toEqual([]));
    await logout();
    await Promise.all(slow);
    expect(await statuses('/auth/session')).toEqual([401, 401, 401]);
    expect(await statuses(CURRENT)).toEqual([401, 401, 401]);
    await expectNothingLeft('bela', client);
  });

  it('is not undone by tokens that came after it, and these are signed out as well', async () => {
    const client = redis();
    const { person: chloe, statuses, logout } = await signIn('chloe');
    expect(await statuses(CURRENT)).toEqual([200, 200, 200]);
    control().expireAccessTokens('chloe');
    control().faults.add({ on: 'token', user: 'chloe', kind: 'delay', delayMs: 2_000 });
    const slow = chloe.through(url(1)).request(`/api${BEARER_ONLY}`);
    await eventually(() => expect(control().faults.list()).toEqual([]));
    await logout();
    await slow;
    expect(control().seen('chloe').tokens.refreshToken).toBe(1);
    expect(await statuses('/auth/session')).toEqual([401, 401, 401]);
    await expectNothingLeft('chloe', client);
  });
});

/** Ten seconds from the last heartbeat, and a look each second. */
const CLOSED_WITHIN_MS = 15_000;

/** When and why the connection broke. */
function disconnection({ socket }: SocketClient): { at?: number; reason?: string } {
  const told: { at?: number; reason?: string } = {};
  socket.on('disconnect', (reason) => Object.assign(told, { at: Date.now(), reason }));
  return told;
}

describe('instances that are cut off from Redis', () => {
  it('vouch for nobody after ten seconds, say of nobody that they are logged out, and serve again later', async () => {
    const redis = await startRedis();
    onTestFinished(() => redis.close());
    const [silent, refusing] = [await startTcpProxy(redis.port), await startTcpProxy(redis.port)];
    onTestFinished(() => silent.close());
    onTestFinished(() => refusing.close());
    const urls = [silent.url, refusing.url, redis.url];
    const cluster = await startCluster({
      redis: redis.url,
      environment: (index) => ({ LOG_LEVEL: 'warn', REDIS_URL: urls[index]! }),
    });
    onTestFinished(() => cluster.close());
    const { control } = cluster.simulator;
    const cutOff = cluster.gateways.slice(0, 2);
    const well = cluster.gateways[2]!;
    const [anna, bela] = [await cluster.signIn('anna', well), await cluster.signIn('bela', well)];
    const tabs: SocketClient[] = [];
    for (const { url } of [...cutOff, well]) {
      for (const person of [anna, bela]) {
        expect((await person.through(url).request(CURRENT)).status).toBe(200);
      }
      const tab = anna.through(url).openTab(VOICE_ONLY);
      await tab.connected('workspace');
      tabs.push(tab);
    }
    const cutOffTabs = tabs.slice(0, 2);
    const disconnections = cutOffTabs.map(disconnection);

    silent.blackHole();
    refusing.reset();
    const cutAt = Date.now();
    for (const gateway of cutOff) {
      await eventually(async () => expect(await gateway.readiness()).toBe(503));
      expect((await anna.through(gateway.url).request(CURRENT)).status).toBe(200);
    }
    await logOut(bela, cluster.url, well.url);
    await eventually(() => {
      for (const { reason } of disconnections) expect(reason).toBe('transport close');
    }, 2 * CLOSED_WITHIN_MS);
    for (const { at } of disconnections) expect(at! - cutAt).toBeLessThan(CLOSED_WITHIN_MS);
    for (const tab of cutOffTabs) expect(sessionEvents(tab)).toEqual([]);
    for (const gateway of cutOff) {
      for (const person of [anna, bela]) {
        const answer = await person.through(gateway.url).request(CURRENT);
        expect(answer.status).toBe(503);
        expect(answer.json()).toMatchObject({ code: 'state_unavailable' });
      }
      expect(await gateway.readiness()).toBe(503);
    }
    // One of those that were cut off had the CometD session.
    control.publish('anna', 'workspace', VOICE, 'meanwhile');
    await eventually(() => expect(tabs[2]!.dataOn(VOICE)).toEqual(['meanwhile']));
    expect((await anna.through(well.url).request(CURRENT)).status).toBe(200);

    silent.heal();
    refusing.heal();
    for (const [index, gateway] of cutOff.entries()) {
      await eventually(async () => expect(await gateway.readiness()).toBe(200), 30_000);
      expect((await anna.through(gateway.url).request(CURRENT)).status).toBe(200);
      expect((await bela.through(gateway.url).request('/auth/session')).status).toBe(401);
      const back = anna.through(gateway.url).openTab({ ...VOICE_ONLY, after: cutOffTabs[index]!.cursor });
      await back.connected('workspace');
      await eventually(() => expect(back.dataOn(VOICE)).toEqual(['meanwhile']));
      expect(back.gaps).toEqual([]);
    }
    expect(control.seen('anna').apis.workspace).toMatchObject({ handshakes: 1, maxSessions: 1, sessions: 1 });
  });
});
