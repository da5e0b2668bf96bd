import { eventually } from '@gw/kernel/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Stack, startStack } from '../../support/stack.js';

const TOKEN = 'admin-token-of-this-test';
const VOICE = '/workspace/v3/voice';
const MARKER = 'payload of a notification';

const paths = ['/admin/overview', '/admin/users/anna'];

describe('administration', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ environment: { ADMIN_TOKEN: TOKEN } });
  });
  afterAll(() => stack.close());

  const ask = (path: string, token = TOKEN, method = 'GET') =>
    fetch(stack.url + path, { method, headers: { authorization: `Bearer ${token}` } });
  const idOf = async (userName: string) => {
    const person = await stack.signIn(userName);
    const { user } = (await person.request('/auth/session')).json() as { user: { id: string } };
    return { person, path: `/admin/users/${encodeURIComponent(user.id)}` };
  };

  it.each(['', 'wrong', `${TOKEN}x`, TOKEN.slice(1)])('is refused with the token "%s"', async (token) => {
    for (const path of paths) {
      const answer = await ask(path, token);
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/u);
      expect(await answer.json()).toMatchObject({ code: 'admin_token_wrong' });
    }
    expect((await ask('/admin/users/anna/sessions', token, 'DELETE')).status).toBe(401);
  });

  it("is refused to a person's cookie", async () => {
    const { person, path } = await idOf('chloe');
    expect((await person.request('/admin/overview')).status).toBe(401);
    expect((await person.request(`${path}/sessions`, 'DELETE')).status).toBe(401);
  });

  it('shows an instance in figures', async () => {
    const { person } = await idOf('bela');
    await person.openTab().ready();
    const overview = (await (await ask('/admin/overview')).json()) as Record<string, unknown>;
    expect(overview).toMatchObject({ state: 'ready', clients: { streams: 0, polls: 0 } });
    expect(overview.instances).toEqual([overview.instance]);
    expect(overview.users).toBeGreaterThanOrEqual(1);
    expect((overview.clients as { sockets: number }).sockets).toBeGreaterThanOrEqual(1);
  });

  it('shows a person: sessions, clients, connections, and what came last, without payloads or secrets', async () => {
    const { person, path } = await idOf('anna');
    const tab = person.openTab({ channels: [{ api: 'workspace', channel: VOICE }] });
    await tab.connected('workspace');
    stack.simulator.control.publish('anna', 'workspace', VOICE, MARKER);
    await eventually(() => expect(tab.dataOn(VOICE)).toEqual([MARKER]));
    const answer = await ask(path);
    const text = await answer.text();
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const report = JSON.parse(text) as { upstream: { api: string }[] };
    expect(report).toMatchObject({
      sessions: [{ device: expect.any(String) as string }],
      clients: [{ count: 1, channels: { workspace: [VOICE] } }],
      journal: { cursor: tab.cursor },
    });
    const workspace = report.upstream.find(({ api }) => api === 'workspace');
    expect(workspace).toMatchObject({ state: 'connected', ownerIsAlive: true });
    expect(JSON.parse(text)).toHaveProperty('lastEvents');
    expect((JSON.parse(text) as { lastEvents: object[] }).lastEvents.at(-1)).toEqual({
      type: 'notification',
      cursor: tab.cursor,
      api: 'workspace',
      channel: VOICE,
      receivedAt: tab.notifications.at(-1)!.receivedAt,
    });
    expect(text).not.toContain(MARKER);
    for (const secret of stack.simulator.control.secrets('anna')) expect(text).not.toContain(secret);
    expect(text).not.toContain(person.agent.cookie(stack.url, 'session')!);
  });

  it('signs a person out everywhere', async () => {
    const { person, path } = await idOf('david');
    const phone = await stack.signIn('david');
    const tabs = [person.openTab(), phone.openTab()];
    for (const tab of tabs) await tab.ready();
    expect((await ask(`${path}/sessions`, TOKEN, 'DELETE')).status).toBe(204);
    for (const tab of tabs) {
      await eventually(() =>
        expect(tab.received.at(-1)).toMatchObject({ type: 'session', state: 'ended', reason: 'revoked' }),
      );
    }
    expect((await person.request('/auth/session')).status).toBe(401);
    expect(await (await ask(path)).json()).toMatchObject({ sessions: [], clients: [] });
    expect((await ask(`${path}/sessions`, TOKEN, 'DELETE')).status).toBe(204);
  });
});

describe('a gateway without ADMIN_TOKEN', () => {
  let stack: Stack;
  afterEach(() => stack.close());

  it('has no administration, whatever is sent', async () => {
    stack = await startStack();
    for (const path of paths) {
      for (const authorization of ['', 'Bearer', 'Bearer undefined']) {
        const answer = await fetch(stack.url + path, { headers: { authorization } });
        expect(answer.status).toBe(404);
        expect(await answer.json()).toMatchObject({ code: 'not_found' });
      }
    }
  });
});
