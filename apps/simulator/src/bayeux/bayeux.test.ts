import { eventually } from '@gw/kernel/testing';
import { describe, expect, it } from 'vitest';
import { BayeuxClient, repliesOf } from '../testing/bayeux-client.js';
import { CometdClient } from '../testing/cometd-client.js';
import { HttpClient, clientOf, workspaceClientOf } from '../testing/http-client.js';
import { simulators } from '../testing/simulator.js';

const start = simulators();
const VOICE = '/workspace/v3/voice';

describe('the notifications endpoint', () => {
  it.each(['', '/', '/handshake', '/anything'])('takes a handshake at the URL form %o', async (form) => {
    const { url } = await start();
    const client = new BayeuxClient(await workspaceClientOf(url, 'anna'), 'workspace');
    const [reply] = repliesOf(await client.send(form, '/meta/handshake', { version: '1.0' }));
    expect(reply).toMatchObject({
      successful: true,
      supportedConnectionTypes: ['long-polling'],
      advice: { reconnect: 'retry', timeout: 20_000, interval: 0 },
    });
    expect(client.http.cookies.get('BAYEUX_BROWSER')).toMatch(/^\w+$/);
  });

  it('refuses whoever has no session with 403', async () => {
    const { url, control } = await start();
    const nobody = new BayeuxClient(new HttpClient(url), 'workspace');
    const refused = await nobody.send('/handshake', '/meta/handshake');
    expect(refused.status).toBe(403);
    expect(refused.json).toMatchObject({ status: { code: 603 } });
    expect(control.seenTotals().apis.workspace).toMatchObject({
      forbidden403: 1,
      handshakes: 1,
      sessions: 0,
    });
  });

  it('does not know a session without its BAYEUX_BROWSER cookie', async () => {
    const { url, control } = await start();
    const http = await workspaceClientOf(url, 'anna');
    const client = await BayeuxClient.listening(http, 'workspace', VOICE);
    http.cookies.delete('BAYEUX_BROWSER');
    const [reply] = await client.connect();
    expect(reply).toMatchObject({
      successful: false,
      error: '402::session_unknown',
      advice: { reconnect: 'handshake', interval: 0 },
    });
    expect(control.seen('anna').apis.workspace.unknownSession402).toBe(1);
  });

  it('tells two sessions of one browser to poll every two seconds', async () => {
    const { url, control } = await start();
    const http = await workspaceClientOf(url, 'anna');
    const first = await BayeuxClient.listening(http, 'workspace', VOICE);
    const second = await BayeuxClient.listening(http, 'workspace', VOICE);
    const pending = first.connect();
    await eventually(() => expect(control.seen('anna').apis.workspace.connects).toBe(1));
    expect((await second.connect())[0]?.advice).toMatchObject({ 'multiple-clients': true, interval: 2_000 });
    expect(control.seen('anna').apis.workspace).toMatchObject({
      multipleClientsAdvised: true,
      maxSessions: 2,
    });
    control.publish('anna', 'workspace', VOICE, {});
    await pending;
  });

  it('answers 500 like the production server for a channel without its slash, and goes on', async () => {
    const { url, control } = await start();
    const client = await BayeuxClient.listening(await workspaceClientOf(url, 'anna'), 'workspace', VOICE);
    const refused = await client.send('/', '/meta/subscribe', { subscription: 'pepe' });
    expect(refused.status).toBe(500);
    expect(refused.json).toMatchObject({ status: 500, message: expect.stringContaining('pepe') as string });
    expect(control.publish('anna', 'workspace', VOICE, 1)).toBe(1);
    expect((await client.connect())[0]).toMatchObject({ data: 1 });
  });

  it('answers 400 to what is no Bayeux message', async () => {
    const { url } = await start();
    const http = await workspaceClientOf(url, 'anna');
    expect((await http.post('/workspace/v3/notifications', { hello: 1 })).status).toBe(400);
    expect((await http.post('/workspace/v3/notifications', [])).status).toBe(400);
  });

  it('lets no client publish', async () => {
    const { url } = await start();
    const anna = await BayeuxClient.listening(await workspaceClientOf(url, 'anna'), 'workspace', VOICE);
    const [reply] = repliesOf(await anna.send('/', VOICE, { data: 'for everybody' }));
    expect(reply).toMatchObject({ successful: false, error: '403::publish_denied' });
  });
});

describe('a notification', () => {
  it('goes to the sessions of its user that listen, by name or wildcard, and to no other', async () => {
    const { url, control } = await start();
    const anna = await BayeuxClient.listening(
      await workspaceClientOf(url, 'anna'),
      'workspace',
      '/workspace/v3/**',
    );
    const bela = await BayeuxClient.listening(
      await workspaceClientOf(url, 'bela'),
      'workspace',
      '/workspace/v3/**',
    );
    const chloe = await BayeuxClient.listening(
      await workspaceClientOf(url, 'chloe'),
      'workspace',
      '/workspace/v3/*',
    );
    const deep = '/workspace/v3/media/chat';
    expect(control.publish('anna', 'workspace', deep, { for: 'anna' })).toBe(1);
    expect(control.publish('chloe', 'workspace', deep, { for: 'chloe' })).toBe(0);
    expect(control.publish('chloe', 'workspace', VOICE, { for: 'chloe' })).toBe(1);
    const own = (replies: { channel: string; data?: unknown }[]) =>
      replies.filter(({ channel }) => channel === deep || channel === VOICE).map(({ data }) => data);
    expect(own(await anna.connect())).toEqual([{ for: 'anna' }]);
    expect(own(await chloe.connect())).toEqual([{ for: 'chloe' }]);
    expect(own(await bela.connect({ advice: { timeout: 0 } }))).toEqual([]);
  });

  it('comes with others in one reply when they are published together', async () => {
    const { url, control } = await start();
    const client = await BayeuxClient.listening(await workspaceClientOf(url, 'anna'), 'workspace', VOICE);
    const pending = client.connect();
    await eventually(() => expect(control.seen('anna').apis.workspace.connects).toBe(1));
    control.publishMany('anna', 'workspace', VOICE, [1, 2, 3]);
    expect((await pending).map(({ data }) => data)).toEqual([1, 2, 3, undefined]);
  });

  it('of two megabytes of umlauts and emoji arrives as it was', async () => {
    const { url, control } = await start();
    const client = await BayeuxClient.listening(await workspaceClientOf(url, 'anna'), 'workspace', VOICE);
    const text = 'äöü😀ß漢'.repeat(130_000);
    control.publish('anna', 'workspace', VOICE, { text });
    expect((await client.connect())[0]?.data).toEqual({ text });
  });
});

describe('the ack extension', () => {
  it('repeats what was not acknowledged, and the acknowledgements are on record', async () => {
    const { url, control } = await start();
    const client = new BayeuxClient(await workspaceClientOf(url, 'anna'), 'workspace');
    expect((await client.handshake({ ack: true }))[0]?.ext).toEqual({ ack: true });
    await client.subscribe(VOICE);
    control.publish('anna', 'workspace', VOICE, 'once');
    const first = await client.connect({ ext: { ack: 0 } });
    expect(first.map(({ data }) => data)).toEqual(['once', undefined]);
    const again = await client.connect({ ext: { ack: 0 } });
    expect(again[0]?.data).toBe('once');
    const acknowledged = await client.connect({ ext: { ack: again[1]?.ext?.ack }, advice: { timeout: 0 } });
    expect(acknowledged.map(({ data }) => data)).toEqual([undefined]);
    expect(control.seen('anna').apis.workspace.acks.map(({ ack }) => ack)).toEqual([0, 0, 2]);
  });

  it('can be off', async () => {
    const { url } = await start({ ackExtension: false });
    const client = new BayeuxClient(await workspaceClientOf(url, 'anna'), 'workspace');
    expect((await client.handshake({ ack: true }))[0]?.ext).toBeUndefined();
  });
});

describe('a CometD session', () => {
  it('is swept when its client stays away longer than the maximum interval', async () => {
    const { url, control } = await start({ bayeuxMaxIntervalMs: 50 });
    await BayeuxClient.listening(await workspaceClientOf(url, 'anna'), 'workspace', VOICE);
    expect(control.seen('anna').apis.workspace).toMatchObject({ sessions: 1, subscriptions: [VOICE] });
    await eventually(() => {
      expect(control.seen('anna').apis.workspace).toMatchObject({
        sessions: 0,
        subscriptions: [],
        maxSessions: 1,
      });
    });
  });

  it('that is forgotten ends its long poll without a word, and its next is 402', async () => {
    const { url, control } = await start();
    const client = await BayeuxClient.listening(await workspaceClientOf(url, 'anna'), 'workspace', VOICE);
    const pending = client.connect();
    await eventually(() => expect(control.seen('anna').apis.workspace.connects).toBe(1));
    expect(control.forgetBayeuxSession('anna', 'workspace')).toBe(1);
    expect((await pending).map(({ channel }) => channel)).toEqual(['/meta/connect']);
    expect((await client.connect())[0]).toMatchObject({ error: '402::session_unknown' });
    expect(control.publish('anna', 'workspace', VOICE, {})).toBe(0);
  });

  it('belongs for life to who shook hands, whatever cookie comes later', async () => {
    const { url, control } = await start();
    const anna = await workspaceClientOf(url, 'anna');
    const bela = await workspaceClientOf(url, 'bela');
    const client = await BayeuxClient.listening(anna, 'workspace', VOICE);
    anna.cookies.set('WORKSPACE_SESSIONID', bela.cookies.get('WORKSPACE_SESSIONID') ?? '');
    control.publish('anna', 'workspace', VOICE, 'for anna');
    expect((await client.connect())[0]?.data).toBe('for anna');
  });
});

describe('two agents with the real client library', () => {
  it('hear their own notifications once, long-poll undisturbed, and recover from a forgotten session', async () => {
    const { url, control } = await start();
    const clients = await Promise.all(
      ['anna', 'bela'].map(async (user) => {
        const client = new CometdClient(await workspaceClientOf(url, user), 'workspace', [VOICE]);
        await client.start();
        return client;
      }),
    );
    const [anna, bela] = clients as [CometdClient, CometdClient];
    await eventually(() => expect(control.publish('anna', 'workspace', VOICE, 'a1')).toBe(1));
    await eventually(() => expect(control.publish('bela', 'workspace', VOICE, 'b1')).toBe(1));
    await eventually(() => expect(anna.heard).toEqual([{ channel: VOICE, data: 'a1' }]));
    await eventually(() => expect(bela.heard).toEqual([{ channel: VOICE, data: 'b1' }]));

    control.forgetBayeuxSession('anna', 'workspace');
    await eventually(() => expect(control.publish('anna', 'workspace', VOICE, 'a2')).toBe(1));
    await eventually(() => expect(anna.heard.at(-1)).toEqual({ channel: VOICE, data: 'a2' }));
    expect(control.seen('anna').apis.workspace).toMatchObject({ handshakes: 2, unknownSession402: 1 });
    expect(control.seenTotals().apis.workspace.multipleClientsAdvised).toBe(false);

    await Promise.all(clients.map((client) => client.stop()));
    expect(control.seenTotals().apis.workspace).toMatchObject({ sessions: 0, disconnects: 2 });
  });
});

describe('closing the simulator', () => {
  it('cuts pending long polls at once', async () => {
    const { url, control, close } = await start();
    const client = await BayeuxClient.listening(
      await clientOf(url, 'anna'),
      'statistics',
      '/statistics/v3/updates',
    );
    const cut = expect(client.connect()).rejects.toThrow();
    await eventually(() => expect(control.seen('anna').apis.statistics.connects).toBe(1));
    const before = performance.now();
    await close();
    await cut;
    expect(performance.now() - before).toBeLessThan(1_000);
  });
});
