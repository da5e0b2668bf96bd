import { eventually } from '@gw/kernel/testing';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { faultsIn, type Heard } from '../../support/history.js';
import { type Stack, startStack } from '../../support/stack.js';
import { Story, VOICE } from '../../support/story.js';

const API = 'workspace';
const NOTHING = { gaps: 0, states: [], handshakes: 0 };
const AGENTS = 20;
const BURST = 1_000;
const KILOBYTE = 'x'.repeat(1_024);

describe('What a person is told who is connected, when the platform', () => {
  let stack: Stack;
  let agents = 0;
  beforeAll(async () => {
    stack = await startStack({ simulator: { extraAgents: AGENTS, bayeuxTimeoutMs: 5_000 } });
  });
  afterAll(() => stack.close());

  const begin = () => Story.begin(stack, `user${(agents += 1)}`);
  const control = () => stack.simulator.control;

  it.concurrent('changes its cookies: nothing', async ({ expect }) => {
    const story = await begin();
    for (let times = 0; times < 3; times += 1) {
      control().rotateCookies(story.userName, API);
      await story.goesOn();
      expect((await story.person.request('/api/workspace/v3/current-session')).status).toBe(200);
      await story.goesOn();
    }
    expect(await story.end(NOTHING)).toEqual({ faults: [], ...NOTHING });
    expect(story.since(({ apis }) => apis.workspace.sessionInits)).toBe(0);
  });

  it.concurrent('does not take the access token any more: nothing, with one refresh', async ({ expect }) => {
    // Of the Statistics API, where each poll carries the token.
    const [name, channel] = [`user${(agents += 1)}`, '/statistics/v3/updates'];
    const person = await stack.signIn(name);
    const tab = person.openTab({ channels: [{ api: 'statistics', channel }] });
    await tab.connected('statistics');
    control().expireAccessTokens(name);
    for (const data of [1, 2, 3]) {
      expect(control().publish(name, 'statistics', channel, data)).toBe(1);
      await eventually(() => expect(tab.dataOn(channel).at(-1)).toBe(data));
    }
    expect(tab.dataOn(channel)).toEqual([1, 2, 3]);
    expect(tab.gaps).toEqual([]);
    expect(tab.received.filter(({ type }) => type === 'upstream').length).toBeLessThanOrEqual(1);
    const { tokens, apis } = control().seen(name);
    expect([tokens.refreshToken, apis.statistics.handshakes]).toEqual([1, 1]);
  });

  it.concurrent('sends a thousand notifications of 1 KB in one reply: all of them', async ({ expect }) => {
    const name = `user${(agents += 1)}`;
    const person = await stack.signIn(name);
    const tab = person.openTab({ channels: [{ api: API, channel: VOICE }] });
    await tab.connected(API);
    const burst = Array.from({ length: BURST }, (_, n) => ({ n, text: KILOBYTE }));
    control().publishMany(name, API, VOICE, burst);
    await eventually(() => expect(tab.notifications).toHaveLength(BURST), 30_000);
    expect(tab.dataOn(VOICE)).toEqual(burst);
    expect(tab.gaps).toEqual([]);
  });

  it.concurrent(
    'sends more in one reply than the window holds: all of them, or a gap and the newest',
    async ({ expect }) => {
      const name = `user${(agents += 1)}`;
      const person = await stack.signIn(name);
      const tab = person.openTab({ channels: [{ api: API, channel: VOICE }] });
      await tab.connected(API);
      const burst = Array.from({ length: 3 * BURST }, (_, n) => n);
      control().publishMany(name, API, VOICE, burst);
      await eventually(() => expect(tab.dataOn(VOICE)).toContain(burst.at(-1)), 30_000);
      const heard = tab.received.flatMap((event): Heard => {
        if (event.type === 'gap') return ['gap'];
        return event.type === 'notification' && typeof event.data === 'number' ? [event.data] : [];
      });
      expect(faultsIn(burst, heard)).toEqual([]);
    },
  );

  it.concurrent('does not hear an acknowledgement: some again, none lost', async ({ expect }) => {
    const story = await begin();
    await story.strike({ on: 'connect', kind: 'ignore-ack', times: 3 });
    const { faults, ...told } = await story.end(NOTHING);
    expect(told).toEqual(NOTHING);
    expect(faults.filter((fault) => !fault.includes('came twice'))).toEqual([]);
    expect(new Set(story.listener.heard)).toEqual(new Set(story.stream.published));
  });

  it.concurrent('says everything twice: all of it twice, none lost', async ({ expect }) => {
    const story = await begin();
    await story.strike({ on: 'connect', kind: 'repeat', times: 3 });
    const { faults, ...told } = await story.end(NOTHING);
    expect(told).toEqual(NOTHING);
    expect(faults.filter((fault) => !fault.includes('came twice'))).toEqual([]);
    expect(new Set(story.listener.heard)).toEqual(new Set(story.stream.published));
  });

  it.concurrent(
    'forgets a subscription: silence on that channel, until there is a doubt about the connection',
    async ({ expect }) => {
      const story = await begin();
      const { heard } = story.listener;
      expect(control().forgetSubscription(story.userName, API, VOICE)).toBe(1);
      await story.strike({ on: 'connect', kind: 'reset' });
      await story.goesOn();
      expect(story.since(({ apis }) => apis.workspace.handshakes)).toBe(0);
      expect(story.listener.heard.slice(0, heard.length)).toEqual(heard);
      expect(story.seen.apis.workspace.subscriptions).toContain(VOICE);
    },
  );

  it.concurrent(
    'loses the HTTP session, and cannot make another at first: one interruption, and a gap',
    async ({ expect }) => {
      const story = await begin();
      control().faults.add({ user: story.userName, api: API, on: 'init', kind: 'status', status: 503 });
      control().forgetHttpSession(story.userName, API);
      const states = ['interrupted: initialization_unavailable', 'connected'];
      const told = await story.end({ gaps: 1, states, handshakes: 1 });
      expect(told).toMatchObject({ faults: [], gaps: 1, handshakes: 1 });
      expect(told.states[0]).toBe(states[0]);
      expect(story.since(({ apis }) => apis.workspace.sessionInits)).toBe(1);
    },
  );

  it.concurrent('refuses a channel that it allowed: connected, and why', async ({ expect }) => {
    const story = await begin();
    control().forgetBayeuxSession(story.userName, API);
    await story.strike({ on: 'subscribe', kind: 'refuse', error: '403::subscribe_denied' });
    await eventually(() =>
      expect(story.listener.states.slice(-2)).toEqual([
        'interrupted: session_unknown',
        'connected: subscription_refused',
      ]),
    );
    story.stream.stop();
  });

  it.concurrent(
    'refuses everything for a while: as many handshakes as seconds, at most',
    async ({ expect }) => {
      const story = await begin();
      const { userName: user } = story;
      const id = control().faults.add({ user, api: API, on: 'connect', kind: 'no-ack', times: Infinity });
      control().faults.add({ user, api: API, on: 'handshake', kind: 'refuse', times: 5 });
      await eventually(() => expect(story.since(({ apis }) => apis.workspace.handshakes)).toBe(6), 50_000);
      control().faults.remove(id);
      const told = await story.end({
        gaps: 1,
        states: ['interrupted: acknowledgements_broken', 'connected'],
        handshakes: 6,
      });
      expect(told).toMatchObject({ faults: [], gaps: 1, handshakes: 6 });
    },
  );
});
