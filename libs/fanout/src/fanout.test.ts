import { asUserId } from '@gw/kernel';
import { beforeEach, describe, expect, it } from 'vitest';
import { anna, ben, LINGER_MS, OpenFanout, RecordingSink, WINDOW } from './testing/index.js';

const LOCAL = '/news/local';
const WORLD = '/news/world';
const news = (channel: string) => ({ api: 'news', channel });

let gateway: OpenFanout;
const upstream = () => gateway.bayeux.last('news');

beforeEach(() => {
  gateway = new OpenFanout();
});

describe('a client that attaches', () => {
  it('gets ready before anything else, and once', async () => {
    const { sink } = await gateway.attachConnected();
    await upstream().deliver(LOCAL, 1);
    expect(sink.events[0]).toMatchObject({
      kind: 'ready',
      user: anna,
      recovered: false,
      apis: { news: { state: 'connecting' } },
    });
    expect(sink.events.filter(({ kind }) => kind === 'ready')).toHaveLength(1);
    expect(sink.data).toEqual([1]);
  });

  it('is told in ready how each of its APIs stands', async () => {
    await gateway.attachConnected();
    const { sink } = await gateway.attach({ channels: [news(LOCAL), { api: 'desk', channel: '/desk/a' }] });
    expect(sink.firstReady.apis).toEqual({ news: { state: 'connected' }, desk: { state: 'connecting' } });
  });

  it('gets the default channels of every API when it names none', async () => {
    await gateway.attach({ channels: undefined });
    expect(gateway.bayeux.created.map(({ api }) => api).toSorted()).toEqual(['desk', 'news', 'workspace']);
    expect([...(upstream().channels ?? [])]).toEqual([LOCAL]);
    expect([...(gateway.bayeux.last('desk').channels ?? [])]).toEqual(['/desk/*']);
  });

  it('gets only the APIs that it names', async () => {
    const { sink } = await gateway.attach({ channels: [{ api: 'desk', channel: '/desk/a' }] });
    expect(gateway.bayeux.created.map(({ api }) => api)).toEqual(['desk']);
    expect(Object.keys(sink.firstReady.apis)).toEqual(['desk']);
  });

  it.each([
    ['an API that there is none of', { api: 'nowhere', channel: '/a' }, 'unknown_api'],
    ['an API without notifications', { api: 'archive', channel: '/archive/a' }, 'unknown_api'],
    ['what is no channel', news('no channel'), 'bad_channel'],
    ['a channel that is not open to clients', news('/elsewhere'), 'channel_not_allowed'],
    ['a wildcard wider than what is open', news('/**'), 'channel_not_allowed'],
  ])('is refused when it names %s, and nothing is opened', async (_what, channel, code) => {
    const sink = new RecordingSink();
    await expect(gateway.attach({ channels: [channel], sink })).rejects.toMatchObject({ code });
    expect(() => gateway.fanout.check(asUserId('anna'), [channel])).toThrow(
      expect.objectContaining({ code }),
    );
    expect(sink.events).toEqual([]);
    expect(gateway.bayeux.created).toEqual([]);
    expect(gateway.clock.pending).toBe(0);
  });

  it('may name a hundred channels and no more', async () => {
    const channels = Array.from({ length: 100 }, (_, n) => news(`/news/${n}`));
    const client = await gateway.attach({ channels });
    await expect(client.subscribe(channels[0]!)).resolves.toBe('pending');
    await expect(client.subscribe(news('/news/more'))).rejects.toMatchObject({ code: 'too_many_channels' });
    await expect(gateway.attach({ channels: [...channels, news('/news/more')] })).rejects.toMatchObject({
      code: 'too_many_channels',
    });
  });

  it('is refused beside fifty others of the user, until one of them leaves', async () => {
    const clients = [];
    for (let n = 0; n < 50; n += 1) clients.push(await gateway.attach());
    await expect(gateway.attach()).rejects.toMatchObject({ code: 'too_many_clients' });
    await expect(gateway.attach({ user: ben })).resolves.toBeDefined();
    clients[7]?.detach();
    await expect(gateway.attach()).resolves.toBeDefined();
  });
});

describe('notifications', () => {
  it('reach every client of the user in order, with cursor, channel and time', async () => {
    const one = await gateway.attachConnected();
    const two = await gateway.attach();
    await upstream().deliver(LOCAL, { n: 1 }, { n: 2 });
    await upstream().deliver(LOCAL, { n: 3 });
    expect(one.sink.data).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
    expect(two.sink.notifications).toEqual(one.sink.notifications);
    const [first] = one.sink.notifications;
    expect(first).toMatchObject({ api: 'news', channel: LOCAL });
    expect(first?.receivedAt).toBe(new Date(gateway.clock.now()).toISOString());
    expect(new Set(one.sink.notifications.map(({ cursor }) => cursor)).size).toBe(3);
  });

  it('reach nobody else', async () => {
    const own = await gateway.attachConnected();
    const other = await gateway.attachConnected({ user: ben });
    const [annas, bens] = gateway.bayeux.of('news');
    await annas?.deliver(LOCAL, 'for anna');
    await bens?.deliver(LOCAL, 'for ben');
    expect(own.sink.data).toEqual(['for anna']);
    expect(other.sink.data).toEqual(['for ben']);
  });

  it('reach only clients that asked for their channel, wildcards included', async () => {
    const local = await gateway.attachConnected();
    const flat = await gateway.attach({ channels: [news('/news/*')] });
    const deep = await gateway.attach({ channels: [news('/news/**')] });
    const desk = await gateway.attach({ channels: [{ api: 'desk', channel: '/desk/**' }] });
    for (const channel of [LOCAL, WORLD, '/news/world/asia']) await upstream().deliver(channel, channel);
    expect(local.sink.data).toEqual([LOCAL]);
    expect(flat.sink.data).toEqual([LOCAL, WORLD]);
    expect(deep.sink.data).toEqual([LOCAL, WORLD, '/news/world/asia']);
    expect(desk.sink.data).toEqual([]);
  });

  it('stop when the client detaches, as often as it does so', async () => {
    const client = await gateway.attachConnected();
    client.detach();
    client.detach();
    await upstream().deliver(LOCAL, 1);
    upstream().become('interrupted');
    expect(client.sink.story).toEqual([]);
    expect(gateway.events.lines.filter((line) => line === 'anna detached')).toHaveLength(1);
  });
});

describe('a client that returns with its cursor', () => {
  it('gets what it missed, once, in order, then what comes', async () => {
    const first = await gateway.attachConnected();
    await upstream().deliver(LOCAL, 1);
    first.detach();
    await upstream().deliver(LOCAL, 2, 3);
    const { sink } = await gateway.attach({ after: first.sink.cursor });
    await upstream().deliver(LOCAL, 4);
    expect(sink.firstReady).toMatchObject({ recovered: true, cursor: first.sink.cursor });
    expect(sink.story).toEqual([2, 3, 4]);
  });

  it('is recovered also when it missed nothing', async () => {
    const first = await gateway.attachConnected();
    first.detach();
    const { sink } = await gateway.attach({ after: first.sink.cursor });
    expect(sink.firstReady.recovered).toBe(true);
    expect(sink.story).toEqual([]);
  });

  it('is recovered until the linger time is over, and then gets a gap', async () => {
    const first = await gateway.attachConnected();
    await upstream().deliver(LOCAL, 1);
    first.detach();
    await gateway.clock.elapse(LINGER_MS - 1);
    const second = await gateway.attach({ after: first.sink.cursor });
    expect(second.sink.firstReady.recovered).toBe(true);
    second.detach();
    await gateway.clock.elapse(LINGER_MS);
    const third = await gateway.attachConnected({ after: first.sink.cursor });
    expect(third.sink.firstReady.recovered).toBe(false);
    // Once for the time without a session, once for the new session.
    expect(third.sink.story).toEqual(['gap upstream news', 'gap upstream news']);
    await upstream().deliver(LOCAL, 2);
    expect(third.sink.data).toEqual([2]);
  });

  it('gets a gap `window` per API when what it missed is gone, and then what comes', async () => {
    const channels = [news(LOCAL), { api: 'desk', channel: '/desk/a' }];
    const first = await gateway.attachConnected({ channels });
    first.detach();
    for (let n = 0; n <= WINDOW.maxLength; n += 1) await upstream().deliver(LOCAL, n);
    const { sink } = await gateway.attach({ after: first.sink.cursor, channels });
    await upstream().deliver(LOCAL, 'next');
    expect(sink.firstReady.recovered).toBe(false);
    expect(sink.story).toEqual(['gap window news', 'gap window desk', 'next']);
    // Cut off between the two, it would come back with its old cursor, and get both again.
    expect(sink.gaps.map(({ cursor }) => cursor)).toEqual([first.sink.cursor, sink.firstReady.cursor]);
    expect(sink.firstReady.cursor).toMatch(/\.11$/);
  });

  it.each([
    ['of another journal', 'another-epoch.3'],
    ['that nobody can read', 'nonsense'],
  ])('%s gets a gap `epoch`, and then what comes', async (_what, after) => {
    await gateway.attachConnected();
    await upstream().deliver(LOCAL, 1);
    const { sink } = await gateway.attach({ after });
    await upstream().deliver(LOCAL, 2);
    expect(sink.firstReady.recovered).toBe(false);
    expect(sink.story).toEqual(['gap epoch news', 2]);
    expect(sink.gaps[0]?.cursor).toBe(sink.firstReady.cursor);
  });

  it('and asks for a channel that was not listened to since, gets a gap for its API', async () => {
    const first = await gateway.attachConnected();
    await upstream().deliver(LOCAL, 1);
    const after = first.sink.firstReady.cursor;
    const channels = [news(LOCAL), news(WORLD), { api: 'desk', channel: '/desk/a' }];
    const { sink } = await gateway.attach({ after, channels });
    expect(sink.firstReady.recovered).toBe(false);
    expect(sink.story).toEqual(['gap upstream news', 'gap upstream desk', 1]);
  });

  it('is recovered on a channel that others kept for it', async () => {
    const first = await gateway.attachConnected();
    await gateway.attach();
    first.detach();
    await gateway.clock.elapse(LINGER_MS * 2);
    await upstream().deliver(LOCAL, 1);
    const { sink } = await gateway.attach({ after: first.sink.cursor });
    expect(sink.firstReady.recovered).toBe(true);
    expect(sink.story).toEqual([1]);
  });

  it('is not called recovered when its API had a gap while it was away', async () => {
    const first = await gateway.attachConnected();
    first.detach();
    await upstream().deliver(LOCAL, 1);
    await upstream().receive({ sessionStart: true, messages: [{ channel: LOCAL, data: 2 }] });
    const { sink } = await gateway.attach({ after: first.sink.cursor });
    expect(sink.firstReady.recovered).toBe(false);
    expect(sink.story).toEqual([1, 'gap upstream news', 2]);
  });
});

describe('a gap', () => {
  it('stands where continuity was lost: a new upstream session, or a loss in the old one', async () => {
    const { sink } = await gateway.attachConnected();
    await upstream().deliver(LOCAL, 1);
    await upstream().receive({ sessionStart: true, messages: [{ channel: LOCAL, data: 2 }] });
    await upstream().receive({ loss: true, messages: [{ channel: LOCAL, data: 3 }] });
    expect(sink.story).toEqual([1, 'gap upstream news', 2, 'gap upstream news', 3]);
    expect(gateway.events.lines.filter((line) => line === 'anna news gap upstream')).toHaveLength(2);
  });

  it('has a cursor of its own, from which the client goes on', async () => {
    const first = await gateway.attachConnected();
    await upstream().receive({ loss: true });
    const after = first.sink.cursor;
    await upstream().deliver(LOCAL, 1);
    const { sink } = await gateway.attach({ after });
    expect(sink.firstReady.recovered).toBe(true);
    expect(sink.story).toEqual([1]);
  });

  it('is not told to clients of another API', async () => {
    const desk = await gateway.attach({ channels: [{ api: 'desk', channel: '/desk/a' }] });
    await gateway.attachConnected();
    await upstream().receive({ loss: true });
    expect(desk.sink.story).toEqual([]);
  });
});

describe('events', () => {
  it('tell who attached, whether recovered, and who left', async () => {
    const first = await gateway.attachConnected();
    await upstream().deliver(LOCAL, 1, 2);
    first.detach();
    const second = await gateway.attach({ after: first.sink.cursor });
    await gateway.fanout.end(asUserId('anna'));
    second.detach();
    expect(gateway.events.lines).toEqual([
      'anna attached',
      'anna news connected',
      'anna news journaled 2',
      'anna detached',
      'anna attached recovered',
      'anna detached',
    ]);
  });

  it('tell of no departure of a client that never arrived', async () => {
    gateway.journal.failingReads = 1;
    await expect(gateway.attach()).rejects.toMatchObject({ code: 'journal_unavailable' });
    expect(gateway.events.lines).toEqual([]);
  });
});
