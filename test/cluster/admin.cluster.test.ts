import { eventually } from '@gw/kernel/testing';
import { describe, expect, it } from 'vitest';
import { useCluster } from '../support/cluster.js';

const TOKEN = 'admin-token-of-the-cluster';
const VOICE = '/workspace/v3/voice';

describe('administration in a cluster', () => {
  const cluster = useCluster({ gateways: 2, environment: { ADMIN_TOKEN: TOKEN } });

  it('is asked at one instance about a person whose sockets are at another, and ends them there', async () => {
    const [one, two] = cluster().gateways;
    const anna = await cluster().signIn('anna', two);
    const tab = anna.openTab({ channels: [{ api: 'workspace', channel: VOICE }] });
    await tab.connected('workspace');
    const { user } = await tab.ready();
    const ask = (path: string, method = 'GET') =>
      fetch(`${one!.url}/admin${path}`, { method, headers: { authorization: `Bearer ${TOKEN}` } });
    const path = `/users/${encodeURIComponent(user.id)}`;
    const startsWith = (name: string) => expect.stringMatching(new RegExp(`^${name}-`, 'u')) as string;
    await eventually(async () => {
      expect(await (await ask(path)).json()).toMatchObject({
        sessions: [{ device: expect.any(String) as string }],
        clients: [{ instance: startsWith(two!.name), channels: { workspace: [VOICE] } }],
        upstream: [{ api: 'workspace', owner: startsWith(two!.name), state: 'connected' }],
        journal: { cursor: expect.any(String) as string },
      });
    });
    expect(await (await ask('/overview')).json()).toMatchObject({
      instance: startsWith(one!.name),
      instances: [startsWith(one!.name), startsWith(two!.name)],
    });
    expect((await ask(`${path}/sessions`, 'DELETE')).status).toBe(204);
    await eventually(
      () => expect(tab.received.at(-1)).toMatchObject({ state: 'ended', reason: 'revoked' }),
      2_000,
    );
    expect((await anna.request('/auth/session')).status).toBe(401);
  });
});
