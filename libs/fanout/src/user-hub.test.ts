import { asApiName, asUserId } from '@gw/kernel';
import { beforeEach, describe, expect, it } from 'vitest';
import { anna, ben, LINGER_MS, NEWS, OpenFanout, RecordingSink } from './testing/index.js';

const LOCAL = '/news/local';
const WORLD = { api: 'news', channel: '/news/world' };
const ANNA = asUserId('anna');

let gateway: OpenFanout;
const upstream = () => gateway.bayeux.last('news');

beforeEach(() => {
  gateway = new OpenFanout();
});

function gate(): { readonly passed: Promise<void>; readonly open: () => void } {
  let open = () => {};
  const passed = new Promise<void>((resolve) => (open = resolve));
  return { passed, open: () => open() };
}

describe('the CometD session of a user and an API', () => {
  it('is one, however many clients there are', async () => {
    await Promise.all(Array.from({ length: 10 }, () => gateway.attach()));
    await gateway.attach({ user: ben });
    expect(gateway.bayeux.of('news')).toHaveLength(2);
  });

  it('subscribes at its start what all the clients want by then', async () => {
    await Promise.all([gateway.attach(), gateway.attach({ channels: [WORLD] })]);
    expect([...(upstream().channels ?? [])]).toEqual([LOCAL, WORLD.channel]);
  });

  it('outlives the last client by the linger time, and not longer', async () => {
    const one = await gateway.attachConnected();
    const two = await gateway.attach();
    one.detach();
    await gateway.clock.elapse(LINGER_MS * 2);
    two.detach();
    await gateway.clock.elapse(LINGER_MS - 1);
    expect(upstream().isClosed).toBe(false);
    await gateway.clock.elapse(1);
    expect(upstream().isClosed).toBe(true);
    expect(gateway.clock.pending).toBe(0);
  });

  it('ends as a whole, without being asked to give up each channel first', async () => {
    const client = await gateway.attachConnected();
    client.detach();
    await gateway.clock.elapse(LINGER_MS);
    expect(upstream().unsubscribed).toEqual([]);
  });

  it('goes on when somebody returns within the linger time, and lingers anew after that', async () => {
    const first = await gateway.attachConnected();
    first.detach();
    await gateway.clock.elapse(LINGER_MS - 1);
    const second = await gateway.attach();
    await gateway.clock.elapse(LINGER_MS * 2);
    expect(upstream().isClosed).toBe(false);
    second.detach();
    await gateway.clock.elapse(LINGER_MS - 1);
    expect(upstream().isClosed).toBe(false);
    await gateway.clock.elapse(1);
    expect(gateway.bayeux.created).toHaveLength(1);
    expect(upstream().isClosed).toBe(true);
  });

  it('is made anew for whoever comes after it was closed', async () => {
    (await gateway.attachConnected()).detach();
    await gateway.clock.elapse(LINGER_MS);
    await gateway.attach();
    expect(gateway.bayeux.of('news')).toHaveLength(2);
    expect(gateway.bayeux.open).toEqual([upstream()]);
  });

  it('is made when somebody first attaches to a journal that has entries, and reaches back to there', async () => {
    const ago = { kind: 'notification', api: asApiName('news'), channel: LOCAL, receivedAt: 0 } as const;
    await gateway.journal.append(ANNA, [
      { ...ago, data: 1 },
      { ...ago, data: 2 },
    ]);
    const { head } = await gateway.journal.read(ANNA, undefined);
    const cursor = (sequence: number) => `${head.epoch}.${sequence}`;
    await gateway.attach();
    const early = await gateway.attach({ after: cursor(1) });
    const late = await gateway.attach({ after: cursor(2) });
    expect(early.sink.firstReady.recovered).toBe(false);
    expect(early.sink.story).toEqual(['gap upstream news', 2]);
    expect(late.sink.firstReady.recovered).toBe(true);
  });

  it('is not left behind when the journal fails the first client', async () => {
    gateway.journal.failingReads = 1;
    await expect(gateway.attach()).rejects.toMatchObject({ code: 'journal_unavailable' });
    const { sink } = await gateway.attachConnected();
    await upstream().deliver(LOCAL, 1);
    expect(sink.data).toEqual([1]);
    expect(gateway.bayeux.created).toHaveLength(1);
  });

  it('lingers also when the journal failed its only client after it was opened', async () => {
    gateway.journal.beforeRead = () => {
      gateway.journal.failingReads = 1;
      return Promise.resolve();
    };
    await expect(gateway.attach()).rejects.toMatchObject({ code: 'journal_unavailable' });
    gateway.journal.beforeRead = () => Promise.resolve();
    await gateway.clock.elapse(LINGER_MS);
    expect(gateway.bayeux.open).toEqual([]);
    expect(gateway.clock.pending).toBe(0);
  });
});

describe('ending a user', () => {
  it('closes the CometD sessions at once, and nobody of that user hears anything more', async () => {
    const { sink } = await gateway.attachConnected({ channels: undefined });
    const other = await gateway.attachConnected({ user: ben });
    const [annas] = gateway.bayeux.of('news');
    await gateway.fanout.end(ANNA);
    const told = sink.events.length;
    await expect(annas?.deliver(LOCAL, 1)).rejects.toMatchObject({ code: 'ownership_lost' });
    annas?.become('interrupted');
    await gateway.clock.elapse(LINGER_MS * 10);
    expect(sink.events).toHaveLength(told);
    expect(gateway.bayeux.open).toEqual(gateway.bayeux.of('news').slice(-1));
    await upstream().deliver(LOCAL, 'for ben');
    expect(other.sink.data).toEqual(['for ben']);
  });

  it('resolves when the upstream knows, for each who waits', async () => {
    await gateway.attachConnected();
    const closing = gate();
    upstream().untilClosed = closing.passed;
    let ended = 0;
    for (const wait of [gateway.fanout.end(ANNA), gateway.fanout.end(ANNA)])
      void wait.then(() => (ended += 1));
    await gateway.settle();
    expect(ended).toBe(0);
    closing.open();
    await gateway.settle();
    expect(ended).toBe(2);
    await gateway.fanout.end(ANNA);
  });

  it('leaves nothing behind: no timer, and nobody who listens to the journal', async () => {
    (await gateway.attachConnected()).detach();
    expect(gateway.clock.pending).toBeGreaterThan(0);
    expect(gateway.journal.listeners).toBe(1);
    await gateway.fanout.end(ANNA);
    expect(gateway.clock.pending).toBe(0);
    expect(gateway.journal.listeners).toBe(0);
  });

  it('makes who joins meanwhile wait, and then opens a new session', async () => {
    await gateway.attachConnected();
    const closing = gate();
    upstream().untilClosed = closing.passed;
    const ended = gateway.fanout.end(ANNA);
    const sink = new RecordingSink();
    const attached = gateway.fanout.attach({ user: anna, channels: NEWS, sink });
    await gateway.settle();
    expect(sink.events).toEqual([]);
    expect(gateway.bayeux.created).toHaveLength(1);
    closing.open();
    await Promise.all([ended, attached]);
    await gateway.settle();
    expect(gateway.bayeux.created).toHaveLength(2);
    await upstream().connect();
    await upstream().deliver(LOCAL, 1);
    expect(sink.data).toEqual([1]);
  });

  it('does what is left to do upstream when the CometD sessions are over, and only then lets others in', async () => {
    await gateway.attachConnected();
    const closing = gate();
    const [first, second] = [gate(), gate()];
    const done: string[] = [];
    upstream().untilClosed = closing.passed.then(() => void done.push('closed'));
    const farewell = (name: string, until: Promise<void>) => async () => {
      done.push(`${name} began`);
      await until;
      done.push(`${name} over`);
    };
    void gateway.fanout.end(ANNA, farewell('first', first.passed));
    const request = { user: anna, channels: NEWS, sink: new RecordingSink() };
    const attached = gateway.fanout.attach(request).then(() => done.push('attached'));
    void gateway.fanout.end(ANNA, farewell('second', second.passed));
    for (const each of [closing, first, second]) {
      await gateway.settle();
      done.push('…');
      each.open();
    }
    await attached;
    expect(done.join(', ')).toBe(
      '…, closed, first began, …, first over, second began, …, second over, attached',
    );
  });

  it('says farewell also for a user of whom nobody was attached', async () => {
    let said = 0;
    await gateway.fanout.end(ANNA, async () => void (said += 1));
    expect(said).toBe(1);
    await gateway.attach();
    expect(gateway.bayeux.created).toHaveLength(1);
  });

  it.each([1, 2])('refuses who was joining when it happened, at journal read %i', async (nth) => {
    const reading = gate();
    gateway.journal.afterRead = () => (gateway.journal.reads === nth ? reading.passed : Promise.resolve());
    const sink = new RecordingSink();
    const attached = gateway.fanout.attach({ user: anna, channels: NEWS, sink });
    await gateway.settle();
    const ended = gateway.fanout.end(ANNA);
    reading.open();
    await expect(attached).rejects.toMatchObject({ code: 'session_ended' });
    await ended;
    expect(sink.events).toEqual([]);
    expect(gateway.bayeux.open).toEqual([]);
    expect(gateway.clock.pending).toBe(0);
  });

  it('refuses what its clients still ask for', async () => {
    const client = await gateway.attachConnected();
    await gateway.fanout.end(ANNA);
    await expect(client.subscribe(WORLD)).rejects.toMatchObject({ code: 'session_ended' });
    await expect(client.publish({ api: 'news', channel: '/service/votes/a' }, 1)).rejects.toMatchObject({
      code: 'session_ended',
    });
    client.unsubscribe({ api: 'news', channel: LOCAL });
    client.detach();
    expect(gateway.bayeux.created).toHaveLength(1);
    expect(gateway.clock.pending).toBe(0);
  });

  it('does not keep the fan-out from closing: it waits for every end, also those under way', async () => {
    await gateway.attachConnected();
    const annas = gate();
    upstream().untilClosed = annas.passed;
    await gateway.attachConnected({ user: ben });
    const bens = gate();
    upstream().untilClosed = bens.passed;
    void gateway.fanout.end(ANNA);
    let closed = false;
    void gateway.fanout.close().then(() => (closed = true));
    bens.open();
    await gateway.settle();
    expect(closed).toBe(false);
    annas.open();
    await gateway.settle();
    expect(closed).toBe(true);
    expect(gateway.bayeux.open).toEqual([]);
  });
});

describe('subscribing', () => {
  it('is active when the upstream says so, and brings what comes from then on', async () => {
    const client = await gateway.attachConnected();
    expect(await client.subscribe(WORLD)).toBe('active');
    expect(upstream().channels).toContain(WORLD.channel);
    await upstream().deliver(WORLD.channel, 1);
    expect(client.sink.data).toEqual([1]);
  });

  it('is pending while the upstream is not connected, also when asked twice', async () => {
    const client = await gateway.attach();
    expect(await client.subscribe(WORLD)).toBe('pending');
    expect(await client.subscribe(WORLD)).toBe('pending');
    await upstream().connect();
    expect(upstream().channels).toContain(WORLD.channel);
    expect(await client.subscribe(WORLD)).toBe('active');
  });

  it('refused by the upstream is given back', async () => {
    const client = await gateway.attachConnected();
    upstream().outcome = 'refused';
    await expect(client.subscribe(WORLD)).rejects.toMatchObject({ code: 'subscription_refused' });
    await upstream().deliver(WORLD.channel, 1);
    expect(client.sink.data).toEqual([]);
    await gateway.clock.elapse(LINGER_MS);
    expect(upstream().unsubscribed).toEqual([WORLD.channel]);
  });

  it('refused after the client left gives nothing back twice', async () => {
    const other = await gateway.attachConnected({ channels: [WORLD] });
    const client = await gateway.attach();
    const answer = gate();
    upstream().outcome = () => answer.passed.then(() => 'refused' as const);
    const subscribed = client.subscribe(WORLD);
    client.detach();
    answer.open();
    await expect(subscribed).rejects.toMatchObject({ code: 'subscription_refused' });
    await gateway.clock.elapse(LINGER_MS);
    await upstream().deliver(WORLD.channel, 1);
    expect(upstream().unsubscribed).toEqual([LOCAL]);
    expect(other.sink.data).toEqual([1]);
  });

  it('is refused to a client that left, and holds nothing for it', async () => {
    await gateway.attachConnected();
    const client = await gateway.attach();
    client.detach();
    await expect(client.subscribe(WORLD)).rejects.toMatchObject({ code: 'session_ended' });
    expect(upstream().channels).not.toContain(WORLD.channel);
  });

  it.each([
    ['an unknown API', { api: 'nowhere', channel: '/a' }, 'unknown_api'],
    ['no channel', { api: 'news', channel: 'news' }, 'bad_channel'],
    ['a channel not open to clients', { api: 'news', channel: '/desk/a' }, 'channel_not_allowed'],
  ])('to %s is refused, and so is unsubscribing', async (_what, request, code) => {
    const client = await gateway.attachConnected();
    await expect(client.subscribe(request)).rejects.toMatchObject({ code });
    expect(() => client.unsubscribe(request)).toThrow(expect.objectContaining({ code }));
  });

  it('counts from then on only: who asks for more has missed what came before', async () => {
    const client = await gateway.attachConnected();
    const after = client.sink.cursor;
    await upstream().deliver(LOCAL, 1);
    await client.subscribe(WORLD);
    client.detach();
    const channels = [...NEWS, WORLD];
    const early = await gateway.attach({ after, channels });
    const late = await gateway.attach({ after: client.sink.cursor, channels });
    expect(early.sink.firstReady.recovered).toBe(false);
    expect(late.sink.firstReady.recovered).toBe(true);
  });
});

describe('unsubscribing', () => {
  it('ends delivery at once, and the subscription upstream after the linger time', async () => {
    const client = await gateway.attachConnected({ channels: [...NEWS, WORLD] });
    client.unsubscribe(WORLD);
    client.unsubscribe(WORLD);
    await upstream().deliver(WORLD.channel, 1);
    expect(client.sink.data).toEqual([]);
    await gateway.clock.elapse(LINGER_MS - 1);
    expect(upstream().unsubscribed).toEqual([]);
    await gateway.clock.elapse(1);
    expect(upstream().unsubscribed).toEqual([WORLD.channel]);
  });

  it('leaves the channel to the others who want it', async () => {
    const one = await gateway.attachConnected();
    const two = await gateway.attach();
    one.unsubscribe({ api: 'news', channel: LOCAL });
    await gateway.clock.elapse(LINGER_MS * 2);
    await upstream().deliver(LOCAL, 1);
    expect(upstream().unsubscribed).toEqual([]);
    expect(one.sink.data).toEqual([]);
    expect(two.sink.data).toEqual([1]);
  });
});
