import { eventually } from '@gw/kernel/testing';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
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

describe('a fault of CometD replies, of the kind', () => {
  /** A client that acknowledges, with `datas` waiting for it. */
  async function waiting(...datas: unknown[]) {
    const simulator = await start();
    const client = new BayeuxClient(await workspaceClientOf(simulator.url, 'anna'), 'workspace');
    await client.handshake({ ack: true });
    await client.subscribe(VOICE);
    simulator.control.publishMany('anna', 'workspace', VOICE, datas);
    return { client, faults: simulator.control.faults };
  }
  const connect = async (client: BayeuxClient, ack = 0) =>
    z.array(z.looseObject({ channel: z.string() })).parse(await client.connect({ ext: { ack } }));

  it('refuse answers in the words it is given, and does nothing', async () => {
    const { client, faults } = await waiting();
    faults.add({ on: 'subscribe', kind: 'refuse', error: '403::no', advice: { reconnect: 'none' } });
    expect(await client.subscribe('/workspace/v3/media')).toMatchObject([
      { successful: false, error: '403::no', advice: { reconnect: 'none' } },
    ]);
  });

  it('advise adds to the advice of the answer', async () => {
    const { client, faults } = await waiting('one');
    faults.add({ on: 'connect', kind: 'advise', advice: { reconnect: 'none', maxInterval: 3 } });
    const [message, answer] = await connect(client);
    expect(message?.advice).toBeUndefined();
    expect(answer).toMatchObject({ successful: true, advice: { reconnect: 'none', maxInterval: 3 } });
  });

  it('omit-answer leaves the answer out', async () => {
    const { client, faults } = await waiting('one');
    faults.add({ on: 'connect', kind: 'omit-answer' });
    expect((await connect(client)).map(({ data }) => data)).toEqual(['one']);
  });

  it('repeat says everything twice', async () => {
    const { client, faults } = await waiting('one');
    faults.add({ on: 'connect', kind: 'repeat' });
    expect((await connect(client)).map(({ data }) => data)).toEqual(['one', 'one', undefined, undefined]);
  });

  it('same-ids gives all messages the id of the answer', async () => {
    const { client, faults } = await waiting('one', 'two');
    faults.add({ on: 'connect', kind: 'same-ids' });
    const ids = (await connect(client)).map(({ id }) => id);
    expect(ids).toHaveLength(3);
    expect(new Set(ids).size).toBe(1);
  });

  it('carry has messages in replies that have none otherwise', async () => {
    const { client, faults } = await waiting();
    const messages = [{ channel: VOICE, data: 1 }];
    faults.add({ on: 'subscribe', kind: 'carry', messages });
    faults.add({ on: 'handshake', kind: 'carry', messages });
    expect((await client.subscribe(VOICE)).map(({ data }) => data)).toEqual([1, undefined]);
    const handshake = await client.handshake({ ack: true });
    expect(handshake.map(({ data }) => data)).toEqual([undefined, 1]);
    expect(handshake[0]).toMatchObject({ 'x-messages': 1 });
  });

  it.each([
    ['no-ack', undefined],
    ['old-ack', 6],
  ] as const)('%s takes the server’s word about acknowledgements away', async (kind, ack) => {
    const { client, faults } = await waiting('one');
    faults.add({ on: 'connect', kind });
    expect((await connect(client, 7)).at(-1)?.ext).toEqual(ack === undefined ? {} : { ack });
  });

  it('ignore-ack has the server deliver again what was acknowledged', async () => {
    const { client, faults } = await waiting('one');
    const ack = z.object({ ack: z.number() }).parse((await connect(client)).at(-1)?.ext).ack;
    faults.add({ on: 'connect', kind: 'ignore-ack' });
    const again = await client.connect({ ext: { ack }, advice: { timeout: 0 } });
    expect(again.map(({ data }) => data)).toEqual(['one', undefined]);
  });

  it('cut ends in the middle of the reply, and the batch comes again', async () => {
    const { client, faults } = await waiting('one', 'two');
    faults.add({ on: 'connect', kind: 'cut' });
    await expect(connect(client)).rejects.toThrow();
    expect((await connect(client)).map(({ data }) => data)).toEqual(['one', 'two', undefined]);
  });
});

describe('a server that forgets or changes', () => {
  it('a subscription delivers no more on its channel, and does after another subscribe', async () => {
    const { url, control } = await start();
    const client = await BayeuxClient.listening(await workspaceClientOf(url, 'anna'), 'workspace', VOICE);
    expect(control.forgetSubscription('anna', 'workspace', VOICE)).toBe(1);
    expect(control.publish('anna', 'workspace', VOICE, 'unheard')).toBe(0);
    await client.subscribe(VOICE);
    expect(control.publish('anna', 'workspace', VOICE, 'heard')).toBe(1);
    expect(control.forgetSubscription('bela', 'workspace', VOICE)).toBe(0);
  });

  it('its cookies knows the new ones only, once it has set them', async () => {
    const { url, control } = await start();
    const http = await workspaceClientOf(url, 'anna');
    const client = await BayeuxClient.listening(http, 'workspace', VOICE);
    const old = new Map(http.cookies);
    control.rotateCookies('anna', 'workspace');
    expect((await client.connect({ advice: { timeout: 0 } })).at(-1)?.successful).toBe(true);
    for (const name of ['WORKSPACE_SESSIONID', 'BAYEUX_BROWSER']) {
      expect(http.cookies.get(name)).toEqual(expect.any(String));
      expect(http.cookies.get(name)).not.toBe(old.get(name));
    }
    expect((await client.connect({ advice: { timeout: 0 } })).at(-1)?.successful).toBe(true);
    const renewed = http.cookies.get('BAYEUX_BROWSER')!;
    http.cookies.set('BAYEUX_BROWSER', old.get('BAYEUX_BROWSER')!);
    expect(await client.connect()).toMatchObject([{ successful: false, error: '402::session_unknown' }]);
    http.cookies.set('BAYEUX_BROWSER', renewed);
    http.cookies.set('WORKSPACE_SESSIONID', old.get('WORKSPACE_SESSIONID')!);
    expect((await client.send('/connect', '/meta/connect')).status).toBe(403);
  });
});
