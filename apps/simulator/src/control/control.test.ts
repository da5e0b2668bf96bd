import { eventually } from '@gw/kernel/testing';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { BayeuxClient } from '../testing/bayeux-client.js';
import { HttpClient, workspaceClientOf } from '../testing/http-client.js';
import { simulators } from '../testing/simulator.js';

const start = simulators();
const VOICE = '/workspace/v3/voice';

describe('the control API over HTTP', () => {
  it('is off unless enabled', async () => {
    const { url } = await start();
    expect((await new HttpClient(url).get('/control/seen')).status).toBe(404);
  });

  it('shows what was seen, and the secrets handed out', async () => {
    const { url, control } = await start({ controlEnabled: true });
    const anna = await workspaceClientOf(url, 'anna');
    const bayeux = await BayeuxClient.listening(anna, 'workspace', VOICE);
    const remote = new HttpClient(url);
    expect((await remote.get('/control/seen/anna')).json).toEqual(control.seen('anna'));
    expect((await remote.get('/control/seen')).json).toEqual(control.seenTotals());
    const secrets = z.array(z.string()).parse((await remote.get('/control/secrets/anna')).json);
    expect(secrets).toContain(bayeux.clientId);
    expect(secrets).toContain(anna.headers.authorization?.replace('Bearer ', ''));
    for (const cookie of anna.cookies.values()) expect(secrets).toContain(cookie);
  });

  it('publishes, calls, chats and forgets', async () => {
    const { url, control } = await start({ controlEnabled: true });
    const client = await BayeuxClient.listening(await workspaceClientOf(url, 'anna'), 'workspace', VOICE);
    const remote = new HttpClient(url);
    const to = { user: 'anna', api: 'workspace' };
    expect((await remote.post('/control/publish', { ...to, channel: VOICE, data: 1 })).json).toEqual({
      sessions: 1,
    });
    await remote.post('/control/publish-many', { ...to, channel: VOICE, datas: [2, 3] });
    expect((await client.connect()).map(({ data }) => data)).toEqual([1, 2, 3, undefined]);

    const call = await remote.post('/control/inbound-call', { to: 'anna', from: '+49301234567' });
    expect(await remote.post('/control/hang-up', call.json)).toMatchObject({ json: { found: true } });
    const chat = await remote.post('/control/inbound-chat', { to: 'anna', nickname: 'Jo', text: 'Hi' });
    expect(chat.json).toMatchObject({ interactionId: expect.any(String) as string });

    expect((await remote.post('/control/forget-bayeux-session', to)).json).toEqual({ sessions: 1 });
    expect((await remote.post('/control/forget-http-session', to)).json).toEqual({ sessions: 1 });
    expect((await client.send('/connect', '/meta/connect')).status).toBe(403);
    await remote.post('/control/expire-access-tokens', { user: 'anna' });
    expect((await remote.post('/control/rotate-cookies', to)).status).toBe(200);
    const forgotten = await remote.post('/control/forget-subscription', { ...to, channel: VOICE });
    expect(forgotten.json).toEqual({ sessions: 0 });
    expect((await client.http.post('/workspace/v3/initialize-workspace')).status).toBe(401);
    expect(control.seen('anna').apis.workspace.sessions).toBe(0);
  });

  it('arms and removes faults', async () => {
    const { url } = await start({ controlEnabled: true });
    const remote = new HttpClient(url);
    const added = await remote.post('/control/faults', {
      on: 'token',
      kind: 'status',
      status: 503,
      times: 'forever',
    });
    expect(added).toMatchObject({ status: 201, json: { id: 'fault-1' } });
    const [advice, messages] = [{ interval: 'soon' }, [{ channel: VOICE, data: null }]];
    for (const more of [
      { kind: 'advise', advice },
      { kind: 'carry', messages },
      { kind: 'refuse', error: '1' },
    ])
      expect((await remote.post('/control/faults', { on: 'connect', ...more })).status).toBe(201);
    expect((await remote.get('/control/faults')).json).toMatchObject([
      { id: 'fault-1', left: 'forever' },
      { advice, left: 1 },
      { messages },
      { error: '1' },
    ]);
    expect((await remote.delete('/control/faults/fault-1')).status).toBe(204);
    expect((await remote.delete('/control/faults/fault-1')).status).toBe(404);
  });

  it('refuses an unknown user, and a request it does not understand', async () => {
    const { url } = await start({ controlEnabled: true });
    const remote = new HttpClient(url);
    expect((await remote.get('/control/seen/nobody')).status).toBe(404);
    expect((await remote.post('/control/faults', { on: 'lunch', kind: 'status' })).status).toBe(400);
  });
});

describe('the in-process control', () => {
  it('knows as many extra agents as a load test asks for', async () => {
    const { url, control } = await start({ extraAgents: 3 });
    const client = await BayeuxClient.listening(await workspaceClientOf(url, 'user3'), 'workspace', VOICE);
    expect(control.publish('user3', 'workspace', VOICE, 'hi')).toBe(1);
    expect((await client.connect())[0]?.data).toBe('hi');
    expect(() => control.publish('user4', 'workspace', VOICE, 'hi')).toThrow('user4');
  });

  it('counts the most sessions alive at once', async () => {
    const { url, control } = await start();
    const http = await workspaceClientOf(url, 'anna');
    const first = await BayeuxClient.listening(http, 'workspace', VOICE);
    await BayeuxClient.listening(http, 'workspace', VOICE);
    await first.send('/disconnect', '/meta/disconnect');
    await eventually(() =>
      expect(control.seen('anna').apis.workspace).toMatchObject({
        sessions: 1,
        maxSessions: 2,
        disconnects: 1,
      }),
    );
  });
});
