import { asApiName, asUserId, GatewayError } from '@gw/kernel';
import { beforeEach, describe, expect, it } from 'vitest';
import { type AttachedSink, ben, OpenFanout } from './testing/index.js';

const ANNA = asUserId('anna');
const LOCAL = '/news/local';
const INITIALIZATION = '/workspace/v3/initialization';
const VOICE = '/workspace/v3/voice';
const INITIALIZE = '/workspace/v3/initialize-workspace';
const CURRENT_SESSION = '/workspace/v3/current-session';
const WORKSPACE = [INITIALIZATION, VOICE].map((channel) => ({ api: 'workspace', channel }));
const DESK = [{ api: 'desk', channel: '/desk/a' }];

let gateway: OpenFanout;

beforeEach(() => {
  gateway = new OpenFanout();
  said('Executing');
});

/** What the probe finds. */
function said(state: string): void {
  const body = JSON.stringify({ data: { 'pending-login-async': { state } } });
  gateway.http.answer(CURRENT_SESSION, () => ({ body }));
}
const initialization = (state: string) => ({ messageType: 'WorkspaceInitializationComplete', state });
const session = (api: string) => gateway.bayeux.last(api);
const attachTo = (channels: typeof DESK) => gateway.attach({ channels });

describe('an API that initialises in the background', () => {
  let client: AttachedSink;
  const states = () => client.sink.statesOf('workspace');

  beforeEach(async () => {
    client = await attachTo(WORKSPACE);
    await session('workspace').connect();
  });

  it('is connected when its message has come, not before', async () => {
    expect(states()).toEqual([]);
    await session('workspace').deliver(INITIALIZATION, initialization('Executing'), { messageType: 'Other' });
    await session('workspace').deliver(VOICE, initialization('Complete'));
    expect(states()).toEqual([]);
    await session('workspace').deliver(INITIALIZATION, initialization('Complete'));
    expect(states()).toEqual(['connected']);
    expect(gateway.clock.pending).toBe(0);
  });

  it('is listened to for that message, whether or not a client wants to hear it', async () => {
    const { sink } = await gateway.attach({ user: ben, channels: [{ api: 'workspace', channel: VOICE }] });
    expect(session('workspace').channels).toContain(INITIALIZATION);
    await session('workspace').connect();
    await session('workspace').deliver(INITIALIZATION, initialization('Complete'));
    expect(sink.statesOf('workspace')).toEqual(['connected']);
    expect(sink.data).toEqual([]);
  });

  it('delivers while it initialises', async () => {
    await session('workspace').deliver(VOICE, 1);
    expect(client.sink.data).toEqual([1]);
  });

  it('is connected when a probe finds it complete, because the message was missed', async () => {
    said('Complete');
    await gateway.clock.elapse(4_999);
    expect(states()).toEqual([]);
    await gateway.clock.elapse(1);
    expect(states()).toEqual(['connected']);
  });

  it('is connected, unconfirmed, when nothing was heard in time', async () => {
    await gateway.clock.elapse(29_999);
    expect(states()).toEqual([]);
    await gateway.clock.elapse(1);
    expect(states()).toEqual(['connected (initialization_unconfirmed)']);
    expect(gateway.http.to(CURRENT_SESSION)).toHaveLength(6);
  });

  it('is refused when it says that it failed, and the session is given up', async () => {
    await session('workspace').deliver(INITIALIZATION, initialization('Failed'));
    expect(states()).toEqual(['refused (initialization_failed)']);
    expect(session('workspace').isClosed).toBe(true);
    await gateway.clock.elapse(30_000);
    expect(states()[1]).toBe('connecting');
    expect(gateway.bayeux.of('workspace').length).toBeGreaterThan(1);
  });

  it('is interrupted and connected again without being initialised anew', async () => {
    await session('workspace').deliver(INITIALIZATION, initialization('Complete'));
    session('workspace').become('interrupted', 'upstream_unreachable');
    session('workspace').become('connected');
    expect(states()).toEqual(['connected', 'interrupted (upstream_unreachable)', 'connected']);
  });

  it('restarts its Bayeux session when the upstream session was replaced, and waits for the new one', async () => {
    await session('workspace').deliver(INITIALIZATION, initialization('Complete'));
    await loseUpstreamSession();
    expect(session('workspace').restarts).toBe(1);
    expect(gateway.bayeux.of('workspace')).toHaveLength(1);
    session('workspace').become('interrupted');
    session('workspace').become('connected');
    expect(states()).toEqual(['connected', 'interrupted', 'connecting']);
    await session('workspace').deliver(INITIALIZATION, initialization('Complete'));
    expect(states().at(-1)).toBe('connected');
  });

  it('asks no more, and restarts nothing, when its clients are gone', async () => {
    await gateway.fanout.end(ANNA);
    await loseUpstreamSession();
    await gateway.clock.elapse(60_000);
    expect(session('workspace').restarts).toBe(0);
    expect(gateway.bayeux.created).toHaveLength(1);
    expect(gateway.clock.pending).toBe(0);
  });

  /** A REST call of anna's is refused once, nor is the session known; it is made anew for the call. */
  async function loseUpstreamSession(): Promise<void> {
    const initialised = gateway.http.to(INITIALIZE).length;
    const isLost = () => gateway.http.to(INITIALIZE).length === initialised;
    for (const path of [CURRENT_SESSION, '/workspace/v3/voice/ready']) {
      gateway.http.answer(path, () => (isLost() ? { status: 403 } : {}));
    }
    const call = { method: 'POST', path: '/workspace/v3/voice/ready', timeoutMs: 1_000 };
    await gateway.upstream.request(ANNA, asApiName('workspace'), call);
    expect(isLost()).toBe(false);
  }
});

describe('an API that was initialised before', () => {
  it('is asked at once how far it is, and not initialised again', async () => {
    await gateway.upstream.ensureInitialised(ANNA, asApiName('workspace'));
    said('Complete');
    const { sink } = await attachTo(WORKSPACE);
    await session('workspace').connect();
    expect(sink.statesOf('workspace')).toEqual(['connected']);
    expect(gateway.http.to(INITIALIZE)).toHaveLength(1);
  });
});

describe('an API without background initialisation', () => {
  it('is connected when its Bayeux session is', async () => {
    const { sink } = await attachTo(DESK);
    expect(gateway.http.to('/desk/initialize')).toHaveLength(1);
    expect(session('desk').url).toBe('https://engage.example/desk/cometd');
    await session('desk').connect();
    expect(sink.statesOf('desk')).toEqual(['connected']);
  });

  it('without a session-init call is not called', async () => {
    await gateway.attachConnected();
    expect(gateway.http.received.map(({ path }) => path)).toEqual(['/news/cometd']);
  });

  it('tells of each change once, to the clients of that API', async () => {
    const other = await gateway.attachConnected();
    const { sink } = await attachTo(DESK);
    await session('desk').connect();
    session('desk').become('connected');
    session('desk').become('interrupted', 'bad_reply');
    expect(sink.statesOf('desk')).toEqual(['connected', 'interrupted (bad_reply)']);
    expect(other.sink.statesOf('desk')).toEqual([]);
    expect(gateway.events.lines.filter((line) => line.includes('desk'))).toEqual([
      'anna desk connected',
      'anna desk interrupted (bad_reply)',
    ]);
  });
});

describe('an upstream that refuses the user', () => {
  const refuse = () => gateway.http.answer('/desk/initialize', () => ({ status: 403 }));

  it('is told to clients, and no Bayeux session is tried', async () => {
    refuse();
    const { sink } = await attachTo(DESK);
    expect(sink.statesOf('desk')).toEqual(['refused (initialization_refused)']);
    expect(gateway.bayeux.created).toEqual([]);
  });

  it('is asked again, ever more seldom', async () => {
    refuse();
    await attachTo(DESK);
    const waits = await waitsBetween(attempts, 6);
    expectGrowing(waits, { firstMs: 30_000, baseMs: 30_000 });
  });

  it('is connected when it changes its mind', async () => {
    refuse();
    const { sink } = await attachTo(DESK);
    gateway.http.answer('/desk/initialize', () => ({}));
    // A refusal is believed for some seconds: the first attempt may be too early.
    await gateway.clock.elapse(70_000);
    await session('desk').connect();
    expect(sink.statesOf('desk')[0]).toBe('refused (initialization_refused)');
    expect(sink.statesOf('desk').slice(-2)).toEqual(['connecting', 'connected']);
  });

  it('may do so at the Bayeux session too, which is given up and made again, ever later', async () => {
    const { sink } = await attachTo(DESK);
    session('desk').become('refused', 'forbidden');
    expect(sink.statesOf('desk')).toEqual(['refused (forbidden)']);
    expect(session('desk').isClosed).toBe(true);
    const waits = await refusalsOf('desk');
    expectGrowing(waits, { firstMs: 30_000, baseMs: 30_000 });
  });

  it('is never held by two Bayeux sessions: the new one waits until the old one has ended', async () => {
    await attachTo(DESK);
    let heard = () => {};
    session('desk').untilClosed = new Promise((resolve) => (heard = resolve));
    session('desk').become('refused', 'forbidden');
    await gateway.clock.elapse(60_000);
    expect(gateway.bayeux.of('desk')).toHaveLength(1);
    let ended = false;
    const ending = gateway.fanout.end(ANNA).then(() => (ended = true));
    await gateway.settle();
    expect(ended).toBe(false);
    heard();
    await ending;
    await gateway.settle();
    expect(gateway.bayeux.of('desk')).toHaveLength(1);
  });

  it('is asked ever later also when its initialisation succeeds each time', async () => {
    said('Complete');
    await attachTo(WORKSPACE);
    session('workspace').become('refused', 'forbidden');
    expectGrowing(await refusalsOf('workspace'), { firstMs: 30_000, baseMs: 30_000 });
  });

  it('is asked soon again when it had delivered in between', async () => {
    await attachTo(DESK);
    session('desk').become('refused', 'forbidden');
    await refusalsOf('desk');
    await gateway.clock.elapse(900_000);
    await session('desk').connect();
    const before = gateway.bayeux.of('desk').length;
    session('desk').become('refused', 'disconnected');
    await gateway.clock.elapse(30_000);
    expect(gateway.bayeux.of('desk').length).toBe(before + 1);
  });

  /** Waits until the next Bayeux session, each of which is refused too. */
  async function refusalsOf(api: string): Promise<number[]> {
    const waits: number[] = [];
    for (let n = 0; n < 5; n += 1) {
      waits.push(...(await waitsBetween(() => gateway.bayeux.of(api).length, 1)));
      await gateway.settle();
      session(api).become('refused', 'forbidden');
    }
    return waits;
  }

  it('because nobody is signed in any more says so', async () => {
    gateway.bearers.outcome = { kind: 'signed-out' };
    const { sink } = await attachTo(DESK);
    expect(sink.statesOf('desk')).toEqual(['refused (signed_out)']);
  });
});

describe('an upstream that is away', () => {
  it('is not one that refuses the user, when the session-init call fails', async () => {
    gateway.http.answer('/desk/initialize', () => ({ status: 503 }));
    const { sink } = await attachTo(DESK);
    expect(sink.statesOf('desk')).toEqual(['interrupted (initialization_unavailable)']);
    gateway.http.answer('/desk/initialize', () => ({}));
    await gateway.clock.elapse(1_000);
    await session('desk').connect();
    session('desk').become('connected');
    expect(sink.statesOf('desk').at(-1)).toBe('connected');
  });

  it('interrupts, and is tried again, ever later', async () => {
    gateway.http.answer('/desk/initialize', () => {
      throw new GatewayError('upstream_unreachable', 'bad_gateway', 'down');
    });
    const { sink } = await attachTo(DESK);
    expect(sink.statesOf('desk')).toEqual(['interrupted (upstream_unreachable)']);
    expect(gateway.events.lines).toContain('anna desk connect failed (upstream_unreachable)');
    const waits = await waitsBetween(attempts, 6);
    expectGrowing(waits, { firstMs: 1_000, baseMs: 1_000 });
  });

  it('of tokens interrupts too, until there is one', async () => {
    gateway.bearers.outcome = { kind: 'unavailable', retryAfterMs: 1_000 };
    const { sink } = await attachTo(DESK);
    expect(sink.statesOf('desk')).toEqual(['interrupted (token_unavailable)']);
    gateway.bearers.outcome = undefined;
    await gateway.clock.elapse(1_000);
    await session('desk').connect();
    expect(sink.statesOf('desk').slice(1)).toEqual(['connecting', 'connected']);
  });

  it('is tried soon again when it had delivered in between', async () => {
    const away = { kind: 'unavailable', retryAfterMs: 1_000 } as const;
    gateway.bearers.outcome = away;
    await attachTo(DESK);
    await waitsBetween(attempts, 5);
    gateway.bearers.outcome = undefined;
    await waitsBetween(attempts, 1);
    await session('desk').connect();
    session('desk').become('refused', 'forbidden');
    await gateway.upstream.forget(ANNA);
    gateway.bearers.outcome = away;
    const [, soon] = await waitsBetween(attempts, 2);
    expect(soon).toBeLessThanOrEqual(1_050);
  });

  it('is not tried again once nobody wants it', async () => {
    gateway.http.answer('/desk/initialize', () => {
      throw new GatewayError('upstream_unreachable', 'bad_gateway', 'down');
    });
    await attachTo(DESK);
    await gateway.fanout.end(ANNA);
    const asked = gateway.http.received.length;
    await gateway.clock.elapse(600_000);
    expect(gateway.http.received).toHaveLength(asked);
  });

  it('opens no Bayeux session when it answers after the end', async () => {
    let answer = () => {};
    const answered = new Promise<void>((resolve) => (answer = resolve));
    gateway.http.answer('/desk/initialize', () => answered.then(() => ({})));
    await attachTo(DESK);
    await gateway.fanout.end(ANNA);
    answer();
    await gateway.settle();
    expect(gateway.bayeux.created).toEqual([]);
  });
});

describe('what the upstream sends', () => {
  it('is in the journal before its acknowledgement may go out', async () => {
    const { sink } = await gateway.attachConnected();
    await session('news').deliver(LOCAL, 1, 2);
    expect(sink.data).toEqual([1, 2]);
    expect(gateway.events.lines).toContain('anna news journaled 2');
  });

  it('is not acknowledged when the journal fails, and is taken when it comes again', async () => {
    const { sink } = await gateway.attachConnected();
    gateway.journal.failingWrites = 1;
    await expect(session('news').deliver(LOCAL, 1)).rejects.toMatchObject({ code: 'journal_unavailable' });
    expect(gateway.events.lines).toContain('anna news journal failed (journal_unavailable)');
    expect(sink.data).toEqual([]);
    await session('news').deliver(LOCAL, 1);
    expect(sink.data).toEqual([1]);
  });

  it('is not taken for readiness before it is stored', async () => {
    const { sink } = await attachTo(WORKSPACE);
    await session('workspace').connect();
    gateway.journal.failingWrites = 1;
    const complete = session('workspace').deliver(INITIALIZATION, initialization('Complete'));
    await expect(complete).rejects.toThrow();
    expect(sink.statesOf('workspace')).toEqual([]);
  });
});

describe('publishing', () => {
  const VOTE = { api: 'news', channel: '/service/votes/a' };

  it('goes to the upstream', async () => {
    const client = await gateway.attachConnected();
    await client.publish(VOTE, { yes: true });
    expect(session('news').published).toEqual([{ channel: VOTE.channel, data: { yes: true } }]);
  });

  it('fails while not connected, and when the upstream does not take it', async () => {
    const client = await gateway.attach();
    await expect(client.publish(VOTE, 1)).rejects.toMatchObject({ code: 'publish_failed' });
    await session('news').connect();
    session('news').acceptsPublish = false;
    await expect(client.publish(VOTE, 1)).rejects.toMatchObject({ code: 'publish_failed' });
  });

  it.each([
    ['an unknown API', { ...VOTE, api: 'nowhere' }, 'unknown_api'],
    ['a wildcard', { ...VOTE, channel: '/service/votes/*' }, 'bad_channel'],
    ['a channel that may only be listened to', { ...VOTE, channel: LOCAL }, 'channel_not_allowed'],
    ['any channel of an API that allows none', DESK[0], 'channel_not_allowed'],
  ])('to %s is refused', async (_what, request, code) => {
    const client = await gateway.attachConnected();
    await expect(client.publish(request!, 1)).rejects.toMatchObject({ code });
    expect(session('news').published).toEqual([]);
  });
});

/** How often the connection with `desk` was tried again. */
function attempts(): number {
  return gateway.events.lines.filter((line) => line === 'anna desk connecting').length;
}

/** Milliseconds between each of the next `count` times that `counted` grows. */
async function waitsBetween(counted: () => number, count: number): Promise<number[]> {
  const STEP_MS = 50;
  const waits: number[] = [];
  let seen = counted();
  let waited = 0;
  while (waits.length < count && waited < 2_000_000) {
    await gateway.clock.elapse(STEP_MS);
    waited += STEP_MS;
    if (counted() === seen) continue;
    seen = counted();
    waits.push(waited);
    waited = 0;
  }
  return waits;
}

/** As `Backoff` waits: up to `firstMs`, then `baseMs`, doubled each time, ± 25 % and the step. */
function expectGrowing(
  waits: readonly number[],
  { firstMs, baseMs }: { firstMs: number; baseMs: number },
): void {
  const [first, ...others] = waits;
  expect(first).toBeLessThanOrEqual(firstMs + 50);
  for (const [n, wait] of others.entries()) {
    expect(wait).toBeGreaterThanOrEqual(baseMs * 2 ** n * 0.75 - 50);
    expect(wait).toBeLessThanOrEqual(baseMs * 2 ** n * 1.25 + 100);
  }
}
