import { eventually } from '@gw/kernel/testing';
import { describe, expect, it } from 'vitest';
import { type Cluster, startCluster, useCluster } from '../support/cluster.js';
import { type SocketClient } from '../support/socket-client.js';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.js';
import { type RedisServer, startRedis } from '../support/redis-server.js';

const VOICE = '/workspace/v3/voice';
const VOICE_ONLY = { channels: [{ api: 'workspace', channel: VOICE }] };
const CURRENT = '/api/workspace/v3/current-session';

/** When the last thing came that the socket was sent. */
function lastFrames(tab: SocketClient): { at: number } {
  const last = { at: 0 };
  tab.socket.onAny(() => (last.at = Date.now()));
  return last;
}

describe('a logout at one of three instances', () => {
  const cluster = useCluster({ environment: { LOG_LEVEL: 'warn' } });
  const control = () => cluster().simulator.control;
  const url = (index: number) => cluster().gateways[index]!.url;

  it('ends sockets, requests and the CometD session at all of them within a second', async () => {
    const anna = await cluster().signIn('anna', cluster().gateways[0]);
    // The second one owns the CometD session.
    const tabs: SocketClient[] = [];
    for (const index of [1, 2, 0]) {
      const tab = anna.through(url(index)).openTab(VOICE_ONLY);
      await tab.connected('workspace');
      tabs.push(tab);
    }
    const frames = tabs.map(lastFrames);
    let number = 0;
    const traffic = setInterval(() => control().publish('anna', 'workspace', VOICE, (number += 1)), 20);
    await eventually(() => expect(tabs.every((tab) => tab.dataOn(VOICE).length > 5)).toBe(true));

    expect((await anna.through(url(0)).post('/auth/logout')).status).toBe(204);
    const loggedOutAt = Date.now();
    for (const index of [0, 1, 2]) {
      expect((await anna.through(url(index)).request(CURRENT)).status).toBe(401);
    }
    await eventually(() => expect(tabs.map(({ socket }) => socket.connected)).toEqual([false, false, false]));
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    clearInterval(traffic);
    for (const { at } of frames) expect(at - loggedOutAt).toBeLessThan(1_000);
    for (const tab of tabs) {
      const sessions = tab.received.filter(({ type }) => type === 'session');
      expect(sessions).toMatchObject([{ state: 'ended', reason: 'logout' }]);
    }
    await eventually(() =>
      expect(control().seen('anna').apis.workspace).toMatchObject({ sessions: 0, handshakes: 1, logouts: 1 }),
    );
    expect(control().seen('anna').signOuts).toBe(1);
  });

  it('is not undone by a slow request that began before it', async () => {
    const bela = await cluster().signIn('bela', cluster().gateways[0]);
    expect((await bela.through(url(1)).request(CURRENT)).status).toBe(200);
    control().faults.add({ on: 'rest', user: 'bela', kind: 'delay', delayMs: 2_000, times: 1 });
    const slow = bela.through(url(1)).request(CURRENT);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await bela.through(url(0)).post('/auth/logout')).status).toBe(204);
    await slow;
    for (const index of [0, 1, 2]) {
      expect((await bela.through(url(index)).request('/auth/session')).status).toBe(401);
    }
    expect(control().seen('bela').apis.workspace.sessions).toBe(0);
  });
});

describe('an instance that is cut off from Redis', () => {
  it('serves for ten seconds, then closes its sockets by its own clock, ends nothing, and comes back', async () => {
    const redis: RedisServer = await startRedis();
    const proxy: TcpProxy = await startTcpProxy(redis.port);
    const cluster: Cluster = await startCluster({
      redis: redis.url,
      environment: (index) => ({ LOG_LEVEL: 'warn', ...(index === 1 && { REDIS_URL: proxy.url }) }),
    });
    try {
      const [, lonely, other] = cluster.gateways;
      const anna = await cluster.signIn('anna', cluster.gateways[0]);
      const there = anna.through(lonely!.url);
      const tab = there.openTab(VOICE_ONLY);
      await tab.connected('workspace');
      expect((await there.request(CURRENT)).status).toBe(200);

      proxy.blackHole();
      const cutAt = Date.now();
      await eventually(async () => expect(await lonely!.readiness()).toBe(503), 8_000);
      if (Date.now() - cutAt < 6_000) expect((await there.request(CURRENT)).status).toBe(200);
      await eventually(() => expect(tab.socket.connected).toBe(false), 20_000);
      expect(tab.received.filter(({ type }) => type === 'session')).toEqual([]);
      expect(await there.request(CURRENT)).toMatchObject({ status: 503 });
      expect((await anna.through(other!.url).request(CURRENT)).status).toBe(200);

      proxy.heal();
      await eventually(async () => expect(await lonely!.readiness()).toBe(200), 20_000);
      expect((await there.request(CURRENT)).status).toBe(200);
      const back = there.openTab({ ...VOICE_ONLY, after: tab.cursor });
      await back.connected('workspace');
      expect(cluster.simulator.control.seen('anna').apis.workspace.maxSessions).toBe(1);
    } finally {
      await cluster.close();
      await proxy.close();
      await redis.close();
    }
  });
});
