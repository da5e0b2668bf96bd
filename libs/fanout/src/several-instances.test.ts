import { asApiName, asUserId } from '@gw/kernel';
import { beforeEach, describe, expect, it } from 'vitest';
import { LINGER_MS, NEWS, OpenFanout } from './testing/index.js';

const ANNA = asUserId('anna');
const NEWS_API = asApiName('news');
const LOCAL = '/news/local';
const WORLD = { api: 'news', channel: '/news/world' };

let first: OpenFanout;
let second: OpenFanout;

beforeEach(() => {
  first = new OpenFanout();
  second = first.second();
});

/** The instance is gone without a word: nothing of it runs on. */
async function kill(instance: OpenFanout): Promise<void> {
  await instance.cutOff();
  await instance.instances.close();
  await first.settle();
}

describe('a user with clients at two instances', () => {
  it('has one CometD session, whose notifications reach both', async () => {
    const here = await first.attachConnected();
    const there = await second.attach();
    expect(second.bayeux.created).toEqual([]);
    await first.bayeux.last('news').deliver(LOCAL, 1, 2);
    expect(here.sink.data).toEqual([1, 2]);
    expect(there.sink.data).toEqual([1, 2]);
  });

  it('is told at both how the session stands', async () => {
    await first.attachConnected();
    const there = await second.attach();
    expect(there.sink.firstReady.apis.news).toEqual({ state: 'connected' });
    first.bayeux.last('news').become('interrupted', 'upstream_status_503');
    await first.settle();
    first.bayeux.last('news').become('connected');
    await first.settle();
    expect(there.sink.statesOf('news')).toEqual(['interrupted (upstream_status_503)', 'connected']);
  });

  it('gets a channel that only a client of the other instance wants', async () => {
    await first.attachConnected();
    const there = await second.attach();
    const acknowledged = there.subscribe(WORLD);
    await first.settle();
    expect(await acknowledged).toBe('active');
    expect(first.bayeux.last('news').channels).toContain(WORLD.channel);
    await first.bayeux.last('news').deliver(WORLD.channel, 'far');
    expect(there.sink.data).toEqual(['far']);
  });

  it('is told at either when the upstream refuses a channel', async () => {
    await first.attachConnected();
    const there = await second.attach();
    first.bayeux.last('news').outcome = 'refused';
    await expect(there.subscribe(WORLD)).rejects.toMatchObject({ code: 'subscription_refused' });
    await first.clock.elapse(LINGER_MS);
    expect(first.bayeux.last('news').unsubscribed).toEqual([WORLD.channel]);
  });

  it('may publish at either', async () => {
    await first.attachConnected();
    const there = await second.attach();
    await there.publish({ api: 'news', channel: '/service/votes/1' }, 'yes');
    expect(first.bayeux.last('news').published).toEqual([{ channel: '/service/votes/1', data: 'yes' }]);
  });

  it('keeps the session while anybody is attached anywhere, and then for the linger time', async () => {
    const here = await first.attachConnected();
    const there = await second.attach();
    here.detach();
    await first.clock.elapse(LINGER_MS * 2);
    expect(first.bayeux.last('news').isClosed).toBe(false);
    await first.bayeux.last('news').deliver(LOCAL, 1);
    expect(there.sink.data).toEqual([1]);
    there.detach();
    await first.clock.elapse(LINGER_MS - 1);
    expect(first.bayeux.last('news').isClosed).toBe(false);
    await first.clock.elapse(1);
    expect(first.bayeux.last('news').isClosed).toBe(true);
    expect(first.clock.pending).toBe(0);
  });

  it('is recovered at the other instance when it comes back there', async () => {
    const here = await first.attachConnected();
    await first.bayeux.last('news').deliver(LOCAL, 1);
    here.detach();
    await first.bayeux.last('news').deliver(LOCAL, 2);
    const there = await second.attach({ after: here.sink.cursor });
    expect(there.sink.firstReady.recovered).toBe(true);
    expect(there.sink.story).toEqual([2]);
  });

  it('is ended at both when it ends at either, and the upstream is told once', async () => {
    await first.attachConnected();
    await second.attach();
    const farewells: string[] = [];
    await second.fanout.end(ANNA, async () => {
      farewells.push(second.bayeux.endedSaved.map(({ state }) => state).join());
    });
    expect(farewells).toEqual(['news session']);
    await first.settle();
    const [former] = first.bayeux.of('news');
    expect([former?.isAbandoned, former?.isClosed]).toEqual([true, false]);
    expect(first.events.lines).toContain('ownership lost anna news');
  });
});

describe('when the instance that owns a session is gone', () => {
  it('a survivor with clients goes on with it: same session, nothing lost, nobody told', async () => {
    await first.attachConnected();
    const there = await second.attach();
    await first.bayeux.last('news').deliver(LOCAL, 1);
    await kill(first);
    expect(second.bayeux.last('news').resumed).toEqual({
      state: 'news session',
      mark: 'batch 2',
      subscribed: [LOCAL],
    });
    second.bayeux.last('news').become('connecting');
    second.bayeux.last('news').become('connected');
    await second.bayeux.last('news').deliver(LOCAL, 2);
    expect(there.sink.story).toEqual([1, 2]);
    expect(there.sink.statesOf('news')).toEqual([]);
    expect(second.events.lines).toContain('took over anna news');
  });

  it('between its handshake and its subscriptions, a survivor asks for these', async () => {
    await first.attachConnected();
    await second.attach();
    const session = first.bayeux.last('news');
    session.become('interrupted', 'session_unknown');
    await session.receive({ sessionStart: true });
    await kill(first);
    const { resumed, channels } = second.bayeux.last('news');
    expect(resumed).toEqual({ state: 'news session', mark: 'batch 2', subscribed: [] });
    expect(channels).toContain(LOCAL);
  });

  it('while a subscription is on its way, a survivor asks for all of them again', async () => {
    await first.attachConnected();
    await second.attach();
    first.bayeux.last('news').outcome = 'pending';
    await first.attach({ channels: [WORLD] });
    await kill(first);
    expect(second.bayeux.last('news').resumed?.subscribed).toEqual([]);
    expect([...second.bayeux.last('news').channels!].toSorted()).toEqual([LOCAL, WORLD.channel].toSorted());
  });

  it('a survivor that gives up before its claim is answered leaves nothing behind', async () => {
    await first.attachConnected();
    await first.bayeux.last('news').deliver(LOCAL, 1);
    let answer = () => {};
    second.leases.answering = new Promise((resolve) => (answer = resolve));
    await kill(first);
    await first.clock.elapse(LINGER_MS);
    answer();
    await first.settle();
    expect(second.bayeux.created).toEqual([]);
    expect((await second.board.read(ANNA)).get(NEWS_API)).toBeUndefined();
    expect(second.cluster.user(ANNA).states.size).toBe(0);
  });

  it('a survivor without clients of the user goes on too, until nobody has come back for it', async () => {
    const here = await first.attachConnected();
    await first.bayeux.last('news').deliver(LOCAL, 1);
    const { cursor } = here.sink;
    await kill(first);
    expect(second.bayeux.last('news').resumed?.mark).toBe('batch 2');
    second.bayeux.last('news').become('connected');
    await second.bayeux.last('news').deliver(LOCAL, 2);
    const back = await second.attach({ after: cursor });
    expect(back.sink.firstReady.recovered).toBe(true);
    expect(back.sink.story).toEqual([2]);
    back.detach();
    await second.clock.elapse(LINGER_MS);
    expect(second.bayeux.last('news').isClosed).toBe(true);
  });

  it('clients that come to the survivor are told how the session stands, however slow the board is', async () => {
    await first.attachConnected();
    const read = second.board.read.bind(second.board);
    second.board.read = async (user) => {
      await new Promise<void>((resolve) => second.clock.schedule(resolve, 100));
      return read(user);
    };
    await kill(first);
    await second.clock.elapse(100);
    expect(second.bayeux.last('news').resumed).toBeDefined();
    const attaching = second.attach();
    await second.clock.elapse(100);
    expect((await attaching).sink.firstReady.apis.news).toEqual({ state: 'connected' });
  });

  it('what only its clients wanted is given up after the linger time', async () => {
    await first.attachConnected({ channels: [...NEWS, WORLD] });
    await second.attach();
    await kill(first);
    second.bayeux.last('news').become('connected');
    expect(second.bayeux.last('news').resumed?.subscribed).toEqual([LOCAL, WORLD.channel]);
    await second.clock.elapse(LINGER_MS);
    expect(second.bayeux.last('news').unsubscribed).toEqual([WORLD.channel]);
  });

  it('and comes back to life, its writes are refused, and it stops', async () => {
    const here = await first.attachConnected();
    const there = await second.attach();
    await first.instances.close();
    await first.settle();
    const zombie = first.bayeux.last('news');
    await expect(zombie.deliver(LOCAL, 'late')).rejects.toMatchObject({ code: 'ownership_lost' });
    expect(zombie.isAbandoned).toBe(true);
    await second.bayeux.last('news').deliver(LOCAL, 'once');
    expect(there.sink.data).toEqual(['once']);
    expect(here.sink.data).toEqual(['once']);
  });

  it('one of several survivors goes on', async () => {
    const third = first.second();
    await first.attachConnected();
    await second.attach();
    await third.attach();
    await kill(first);
    expect([...second.bayeux.created, ...third.bayeux.created]).toHaveLength(1);
  });

  it('a session that was never connected is begun anew', async () => {
    await first.attach();
    await second.attach();
    await kill(first);
    expect(second.bayeux.last('news').resumed).toBeUndefined();
    expect(second.bayeux.last('news').channels).toContain(LOCAL);
  });
});

describe('an instance that leaves', () => {
  const leave = async (instance: OpenFanout) => {
    await instance.instances.announceLeave();
    instance.fanout.retire();
    await instance.settle();
  };

  it('keeps a session that nobody else wants yet, and gives it to the first instance that does', async () => {
    const here = await first.attachConnected();
    await leave(first);
    expect(first.bayeux.last('news').isAbandoned).toBe(false);
    await first.bayeux.last('news').deliver(LOCAL, 1);

    const there = await second.attach({ after: here.sink.cursor });
    expect([first.bayeux.last('news').isAbandoned, first.bayeux.last('news').isClosed]).toEqual([
      true,
      false,
    ]);
    expect(second.bayeux.last('news').resumed?.mark).toBe('batch 2');
    expect(there.sink.firstReady).toMatchObject({ recovered: true, apis: { news: { state: 'connected' } } });
  });

  it('gives a session away at once that another instance wants, and its clients go on hearing', async () => {
    const here = await first.attachConnected({ channels: [...NEWS, WORLD] });
    const there = await second.attach();
    await leave(first);
    const taken = second.bayeux.last('news');
    taken.become('connected');
    await taken.deliver(LOCAL, 1);
    await taken.deliver(WORLD.channel, 2);
    expect(here.sink.story).toEqual([1, 2]);
    expect(there.sink.story).toEqual([1]);
    expect(here.sink.statesOf('news')).toEqual(['connected']);
    await first.clock.elapse(2 * LINGER_MS);
    expect(taken.unsubscribed).toEqual([]);
  });

  it('gives nothing to one that leaves as well', async () => {
    await first.attachConnected();
    await second.attach();
    await leave(second);
    await leave(first);
    expect(first.bayeux.last('news').isAbandoned).toBe(false);
    expect(second.bayeux.created).toEqual([]);
    const third = first.second();
    await third.attach();
    expect(third.bayeux.last('news').resumed?.mark).toBe('batch 1');
  });

  it('takes nothing over', async () => {
    await first.attachConnected();
    await second.attach();
    await leave(second);
    await kill(first);
    expect(second.bayeux.created).toEqual([]);
  });

  it('leaves a session whose clients have not come back yet to those who stay', async () => {
    const here = await first.attachConnected();
    here.detach();
    await leave(first);
    await first.fanout.close();
    await first.instances.close();
    await first.settle();
    expect([first.bayeux.last('news').isAbandoned, first.bayeux.last('news').isClosed]).toEqual([
      true,
      false,
    ]);
    expect(second.bayeux.last('news').resumed?.mark).toBe('batch 1');
    second.bayeux.last('news').become('connected');
    await second.bayeux.last('news').deliver(LOCAL, 1);
    const back = await second.attach({ after: here.sink.cursor });
    expect(back.sink.story).toEqual([1]);
  });

  it('hands its sessions over without a word to the upstream', async () => {
    await first.attachConnected();
    const there = await second.attach();
    await first.fanout.close();
    await first.settle();
    const [left, taken] = [first.bayeux.last('news'), second.bayeux.last('news')];
    expect([left.isAbandoned, left.isClosed]).toEqual([true, false]);
    expect(taken.resumed?.mark).toBe('batch 1');
    taken.become('connected');
    await taken.deliver(LOCAL, 1);
    expect(there.sink.story).toEqual([1]);
    expect(there.sink.statesOf('news')).toEqual([]);
  });
});

describe('an instance that cannot reach the others', () => {
  it('stops what it owns, and goes on when it is back, if nobody else has', async () => {
    const { sink } = await first.attachConnected();
    await first.cutOff();
    expect(first.bayeux.last('news').isAbandoned).toBe(true);
    expect(sink.statesOf('news').at(-1)).toBe('interrupted (state_unavailable)');
    first.instances.isCutOff = false;
    await first.clock.elapse(1_000);
    const resumed = [...first.bayeux.of('news').slice(1), ...second.bayeux.of('news')];
    expect(resumed.map((session) => session.resumed?.mark)).toEqual(['batch 1']);
  });
});

describe('what the board keeps of a user', () => {
  it('is gone when all have left', async () => {
    const here = await first.attachConnected();
    const there = await second.attach();
    here.detach();
    there.detach();
    await first.clock.elapse(LINGER_MS);
    const view = await first.board.read(ANNA);
    expect(view.get(asApiName('news'))).toBeUndefined();
  });
});

describe('what others did while they thought an instance dead', () => {
  it('its wishes are put back when it lives on, and its clients miss nothing', async () => {
    await first.attachConnected();
    const there = await second.attach({ channels: [WORLD] });
    await first.board.withdraw(ANNA, second.instances.self);
    await first.settle();
    const wishes = (await first.board.read(ANNA)).get(asApiName('news'))?.wishes;
    expect(wishes?.get(second.instances.self)).toEqual([WORLD.channel]);
    await first.clock.elapse(LINGER_MS * 2);
    expect(first.bayeux.last('news').unsubscribed).toEqual([]);
    await first.bayeux.last('news').deliver(WORLD.channel, 'still');
    expect(there.sink.data).toEqual(['still']);
  });
});

describe('what could not be given back while the shared state was away', () => {
  const leaseAt = async (instance: OpenFanout) =>
    (await instance.board.read(ANNA)).get(asApiName('news'))?.lease;

  it('is given back later: lease, wishes and report', async () => {
    const here = await first.attachConnected();
    first.instances.isCutOff = true;
    here.detach();
    await first.clock.elapse(LINGER_MS);
    expect(first.bayeux.last('news').isClosed).toBe(true);
    expect(await leaseAt(second)).toBeDefined();
    first.instances.isCutOff = false;
    await first.clock.elapse(1_000);
    expect((await second.board.read(ANNA)).get(asApiName('news'))).toBeUndefined();
    expect(first.clock.pending).toBe(0);
  });

  it('is given back also where the session had been let go before', async () => {
    const here = await first.attachConnected();
    await first.cutOff();
    here.detach();
    await first.clock.elapse(LINGER_MS);
    first.instances.isCutOff = false;
    await first.clock.elapse(1_000);
    expect(await leaseAt(second)).toBeUndefined();
  });

  it('keeps nobody waiting who came meanwhile', async () => {
    const here = await first.attachConnected();
    first.instances.isCutOff = true;
    here.detach();
    await first.clock.elapse(LINGER_MS);
    const there = await second.attach();
    expect(second.bayeux.created).toEqual([]);
    first.instances.isCutOff = false;
    await first.clock.elapse(1_000);
    await second.bayeux.last('news').connect();
    expect(there.sink.statesOf('news').at(-1)).toBe('connected');
  });

  it('is not taken from the user who has come back here', async () => {
    const here = await first.attachConnected();
    first.instances.isCutOff = true;
    here.detach();
    await first.clock.elapse(LINGER_MS);
    first.instances.isCutOff = false;
    const back = await first.attach({ channels: [WORLD] });
    await first.clock.elapse(2_000);
    await first.bayeux.last('news').connect();
    await first.bayeux.last('news').deliver(WORLD.channel, 'here');
    expect(back.sink.data).toEqual(['here']);
    expect((await leaseAt(second))?.holder).toBe(first.instances.self);
  });

  it('a wish that one client had is given back when others stay', async () => {
    const here = await first.attachConnected();
    const there = await second.attach();
    const leaving = await second.attach({ channels: [WORLD] });
    second.instances.isCutOff = true;
    leaving.detach();
    await first.settle();
    second.instances.isCutOff = false;
    await first.clock.elapse(1_000);
    const wishes = (await first.board.read(ANNA)).get(asApiName('news'))?.wishes;
    expect(wishes?.get(second.instances.self)).toEqual([LOCAL]);
    here.detach();
    there.detach();
  });
});
