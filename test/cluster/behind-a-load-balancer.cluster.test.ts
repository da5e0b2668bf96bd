import { readFile } from 'node:fs/promises';
import { eventually } from '@gw/kernel/testing';
import { describe, expect, it } from 'vitest';
import { variables } from '../../apps/gateway/src/config-schema.js';
import { useCluster } from '../support/cluster.js';

const VOICE = '/workspace/v3/voice';
const CURRENT = '/api/workspace/v3/current-session';
/** The longest `Prefer: wait`. */
const LONGEST_WAIT_MS = 30_000;

/** Where each load balancer says how long a connection may be silent. */
const SILENCE = {
  nginx: { file: 'nginx/nginx.conf', timeouts: /proxy_(?:read|send)_timeout (\d+)s;/gu, count: 2 },
  haproxy: { file: 'haproxy.cfg', timeouts: /timeout (?:client|server|tunnel) (\d+)s$/gmu, count: 3 },
} as const;

describe.each(['nginx', 'haproxy'] as const)('a gateway behind %s', (kind) => {
  const cluster = useCluster({ gateways: 1, loadBalancer: kind, redis: 'embedded' });

  it('lets people sign in, call the REST API, and hear notifications', async () => {
    const anna = await cluster().signIn('anna');
    expect((await anna.request(CURRENT)).status).toBe(200);
    expect((await anna.post('/api/workspace/v3/voice/ready')).status).toBe(200);
    const tab = anna.openTab({ channels: [{ api: 'workspace', channel: VOICE }] });
    await tab.connected('workspace');
    const numbers = Array.from({ length: 50 }, (_, index) => index);
    cluster().simulator.control.publishMany('anna', 'workspace', '/workspace/v3/voice', numbers);
    await eventually(() =>
      expect(tab.dataOn(VOICE).filter((data) => typeof data === 'number')).toEqual(numbers),
    );
    expect((await anna.post('/auth/logout')).status).toBe(204);
    await eventually(() => expect(tab.socket.connected).toBe(false));
  });

  it('is given more time than a silent socket or a slow upstream takes', async () => {
    const bela = await cluster().signIn('bela');
    const tab = bela.openTab();
    const { pingInterval, pingTimeout } = await new Promise<{ pingInterval: number; pingTimeout: number }>(
      (resolve) => tab.socket.io.engine.once('handshake', resolve),
    );
    const { file, timeouts, count } = SILENCE[kind];
    const configuration = await readFile(new URL(`../../deploy/${file}`, import.meta.url), 'utf8');
    const allowedMs = [...configuration.matchAll(timeouts)].map(([, seconds]) => Number(seconds) * 1_000);
    expect(allowedMs).toHaveLength(count);
    expect(Math.min(...allowedMs)).toBeGreaterThan(pingInterval + pingTimeout);
    expect(Math.min(...allowedMs)).toBeGreaterThan(variables.parse({}).UPSTREAM_TIMEOUT_MS + LONGEST_WAIT_MS);
  });
});

describe.each(['nginx', 'haproxy'] as const)('two gateways behind %s', (kind) => {
  const cluster = useCluster({ gateways: 2, loadBalancer: kind, redis: 'embedded' });

  it('answer every question while one of them leaves, and share the work when it is back', async () => {
    const [leaving, staying] = cluster().gateways;
    const ask = async (path: string) => {
      const answer = await fetch(cluster().url + path);
      await answer.body?.cancel();
      return answer.status;
    };
    const statuses: number[] = [];
    let isAsking = true;
    const asking = Array.from({ length: 4 }, async () => {
      while (isAsking) statuses.push(await ask('/auth/session'));
    });
    await eventually(() => expect(statuses.length).toBeGreaterThan(100));
    expect(await leaving!.terminate()).toBe(0);
    const { length } = statuses;
    await eventually(() => expect(statuses.length).toBeGreaterThan(length + 200));
    isAsking = false;
    await Promise.all(asking);
    // Nobody is signed in; whoever asks is told so, and never that there is no gateway.
    expect([...new Set(statuses)]).toEqual([401]);

    const answering = async (path: string) => {
      for (let asked = 0; asked < 20; asked += 1) expect(await ask(path)).toBe(401);
      return eventually(() => {
        const done = cluster()
          .loadBalancer!.requests()
          .filter((request) => request.path === path);
        expect(done.length).toBeGreaterThanOrEqual(20);
        return [...new Set(done.map(({ gateway }) => Number(gateway.split(':').at(-1))))].toSorted();
      });
    };
    expect(await answering('/auth/sessions')).toEqual([staying!.port]);
    await leaving!.restart();
    const both = [leaving!.port, staying!.port].toSorted();
    await eventually(async () => expect(await answering('/auth/session')).toEqual(both));
  });
});
