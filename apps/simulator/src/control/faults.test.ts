import { eventually } from '@gw/kernel/testing';
import { describe, expect, it } from 'vitest';
import { BayeuxClient } from '../testing/bayeux-client.js';
import { CometdClient } from '../testing/cometd-client.js';
import { BASIC, HttpClient, workspaceClientOf } from '../testing/http-client.js';
import { simulators } from '../testing/simulator.js';

const start = simulators();
const CURRENT = '/workspace/v3/current-session';
const VOICE = '/workspace/v3/voice';

function requestTokens(url: string, user: string) {
  const client = new HttpClient(url);
  client.headers.authorization = BASIC;
  return client.postForm('/auth/v3/oauth/token', {
    grant_type: 'password',
    username: user,
    password: 'demo',
  });
}

describe('a fault', () => {
  it('strikes once, or as often as it says, or until removed', async () => {
    const { url, control } = await start();
    const anna = await workspaceClientOf(url, 'anna');
    const statuses = async (n: number) => {
      const answers = [];
      for (let i = 0; i < n; i++) answers.push((await anna.get(CURRENT)).status);
      return answers;
    };
    control.faults.add({ on: 'rest', kind: 'status', status: 502 });
    expect(await statuses(2)).toEqual([502, 200]);
    control.faults.add({ on: 'rest', kind: 'status', status: 503, times: 2 });
    expect(await statuses(3)).toEqual([503, 503, 200]);
    const id = control.faults.add({ on: 'rest', kind: 'status', times: Infinity });
    expect(await statuses(3)).toEqual([500, 500, 500]);
    expect(control.faults.remove(id)).toBe(true);
    expect(await statuses(1)).toEqual([200]);
  });

  it('strikes only the path it names', async () => {
    const { url, control } = await start();
    const anna = await workspaceClientOf(url, 'anna');
    control.faults.add({ on: 'rest', path: '/configuration', kind: 'status', status: 403, times: Infinity });
    expect((await anna.get(CURRENT)).status).toBe(200);
    expect((await anna.get('/workspace/v3/configuration?types=x')).status).toBe(403);
  });

  it('strikes only the user and the API it names', async () => {
    const { url, control } = await start();
    const [anna, bela] = [await workspaceClientOf(url, 'anna'), await workspaceClientOf(url, 'bela')];
    control.faults.add({ api: 'workspace', user: 'bela', on: 'rest', kind: 'status', status: 500 });
    control.faults.add({ api: 'statistics', on: 'rest', kind: 'status', status: 500 });
    expect((await anna.get(CURRENT)).status).toBe(200);
    expect((await bela.get(CURRENT)).status).toBe(500);
    expect((await bela.get(CURRENT)).status).toBe(200);
    control.faults.clear();
    expect(control.faults.list()).toEqual([]);
  });
});

describe('a fault of the kind', () => {
  it.each([401, 403, 500])('status answers a connect with %i', async (status) => {
    const { url, control } = await start();
    const client = await BayeuxClient.listening(await workspaceClientOf(url, 'anna'), 'workspace', VOICE);
    control.faults.add({ on: 'connect', kind: 'status', status });
    expect((await client.send('/connect', '/meta/connect')).status).toBe(status);
    expect((await client.connect({ advice: { timeout: 0 } }))[0]?.successful).toBe(true);
  });

  it('status answers the token endpoint in its own words', async () => {
    const { url, control } = await start();
    control.faults.add({ on: 'token', kind: 'status', status: 503 });
    const answer = await requestTokens(url, 'anna');
    expect(answer.status).toBe(503);
    expect(answer.json).toMatchObject({ error: 'server_error' });
    expect((await requestTokens(url, 'anna')).status).toBe(200);
  });

  it('unknown-session sends a real client into handshake after handshake', async () => {
    const simulator = await start();
    const { control } = simulator;
    control.faults.add({ on: 'connect', kind: 'unknown-session', times: Infinity });
    const client = new CometdClient(await workspaceClientOf(simulator.url, 'anna'), 'workspace', [VOICE]);
    await client.start();
    await eventually(() => expect(control.seen('anna').apis.workspace.handshakes).toBeGreaterThan(3));
    expect(control.seen('anna').apis.workspace.unknownSession402).toBeGreaterThan(2);
    expect(client.connects[0]).toMatchObject({
      error: '402::session_unknown',
      advice: { reconnect: 'handshake' },
    });
    control.faults.clear();
    await eventually(() => expect(client.connects.at(-1)?.successful).toBe(true));
    await client.stop();
  });

  it('unknown-session answers REST with 403 and code 603', async () => {
    const { url, control } = await start();
    const anna = await workspaceClientOf(url, 'anna');
    control.faults.add({ on: 'rest', kind: 'unknown-session' });
    const answer = await anna.get(CURRENT);
    expect([answer.status, answer.json]).toEqual([403, { status: { code: 603, message: 'Unauthorized' } }]);
  });

  it('delay answers late, and in full', async () => {
    const { url, control } = await start();
    control.faults.add({ on: 'token', user: 'anna', kind: 'delay', delayMs: 150 });
    const before = performance.now();
    expect((await requestTokens(url, 'anna')).status).toBe(200);
    expect(performance.now() - before).toBeGreaterThan(140);
  });

  it('hang never answers, and close does not wait for it', async () => {
    const { url, control, close } = await start();
    const anna = await workspaceClientOf(url, 'anna');
    control.faults.add({ on: 'rest', kind: 'hang' });
    let isAnswered = false;
    const hanging = anna.get(CURRENT).then(() => (isAnswered = true));
    const cut = expect(hanging).rejects.toThrow();
    await eventually(() => expect(control.faults.list()).toEqual([]));
    expect((await anna.get(CURRENT)).status).toBe(200);
    expect(isAnswered).toBe(false);
    await close();
    await cut;
  });

  it('truncate sends half of the JSON', async () => {
    const { url, control } = await start();
    const client = await BayeuxClient.listening(await workspaceClientOf(url, 'anna'), 'workspace', VOICE);
    control.publish('anna', 'workspace', VOICE, { text: 'something long enough to be cut' });
    control.faults.add({ on: 'connect', kind: 'truncate' });
    const answer = await client.send('/connect', '/meta/connect');
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('something');
    expect(answer.json).toBeUndefined();
  });

  it('reset cuts the connection and does nothing', async () => {
    const { url, control } = await start();
    const anna = await workspaceClientOf(url, 'anna');
    control.faults.add({ on: 'logout', kind: 'reset' });
    await expect(anna.post('/workspace/v3/logout')).rejects.toThrow();
    expect((await anna.get(CURRENT)).status).toBe(200);
  });

  it('lose-reply does what was asked, and cuts the connection', async () => {
    const { url, control } = await start();
    const anna = await workspaceClientOf(url, 'anna');
    control.faults.add({ on: 'logout', kind: 'lose-reply' });
    await expect(anna.post('/workspace/v3/logout')).rejects.toThrow();
    expect((await anna.get(CURRENT)).status).toBe(403);
  });

  it('lose-reply on a connect loses no message when the client acknowledges', async () => {
    const { url, control } = await start();
    const client = new BayeuxClient(await workspaceClientOf(url, 'anna'), 'workspace');
    await client.handshake({ ack: true });
    await client.subscribe(VOICE);
    control.publish('anna', 'workspace', VOICE, 'precious');
    control.faults.add({ on: 'connect', kind: 'lose-reply' });
    await expect(client.send('/connect', '/meta/connect', { ext: { ack: 0 } })).rejects.toThrow();
    expect((await client.connect({ ext: { ack: 0 } }))[0]?.data).toBe('precious');
  });
});
