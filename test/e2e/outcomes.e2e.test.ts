import { type Outcome } from '@gw/contract';
import { eventually } from '@gw/kernel/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type AgentAnswer } from '../support/cookie-agent.js';
import { type Person } from '../support/person.js';
import { startStack, type Stack } from '../support/stack.js';

const VOICE = '/api/workspace/v3/voice';
const OUTSIDE = '+15551234567';
const WAIT = { prefer: 'wait=10' };

let stack: Stack;
let anna: Person;

beforeAll(async () => {
  stack = await startStack();
  anna = await stack.signIn('anna');
});
afterAll(() => stack.close());
afterEach(async () => {
  control().faults.clear();
  control().setOperationIdsEchoed(true);
  control().setEventBeforeReply(false);
  for (const { id } of await callsOf(anna)) await anna.post(`${VOICE}/calls/${id}/release`, {}, WAIT);
});

const control = () => stack.simulator.control;
const outcomeOf = (answer: AgentAnswer): Outcome & { notification: { data: unknown } } =>
  (answer.json() as { outcome: Outcome & { notification: { data: unknown } } }).outcome;
const makeCall = (destination = OUTSIDE, headers: Readonly<Record<string, string>> = WAIT) =>
  anna.post(`${VOICE}/make-call`, { data: { destination } }, headers);

async function callsOf(person: Person): Promise<{ id: string; state: string }[]> {
  const answer = (await person.request(`${VOICE}/calls`)).json();
  return (answer as { data: { calls: { id: string; state: string }[] } }).data.calls;
}

describe('a command whose client waits, with nobody else listening', () => {
  it.each([
    ['echoes ids', true, false],
    ['echoes ids, and notifies before it replies', true, true],
    ['keeps ids to itself', false, false],
    ['keeps ids to itself, and notifies before it replies', false, true],
  ])('has Established in its reply, from a platform that %s', async (_what, echoed, before) => {
    control().setOperationIdsEchoed(echoed);
    control().setEventBeforeReply(before);
    const answer = await makeCall();
    expect(answer.status).toBe(200);
    expect(answer.headers.get('preference-applied')).toBe('wait');
    expect(answer.json()).toMatchObject({ status: { code: 1 }, operationId: expect.any(String) as string });
    expect(outcomeOf(answer)).toMatchObject({
      state: 'succeeded',
      notification: {
        api: 'workspace',
        channel: '/workspace/v3/voice',
        cursor: expect.any(String) as string,
        receivedAt: expect.any(String) as string,
        data: { messageType: 'CallStateChanged', call: { state: 'Established' } },
      },
    });
  });

  it.each([true, false])('has EventError in its reply; ids echoed: %s', async (echoed) => {
    control().setOperationIdsEchoed(echoed);
    const outcome = outcomeOf(await makeCall('12'));
    expect(outcome).toMatchObject({
      state: 'failed',
      notification: { data: { messageType: 'EventError', error: { errorCode: 415 } } },
    });
  });

  it('keeps the operation id that its client gave', async () => {
    const body = { operationId: 'mine', data: { destination: OUTSIDE } };
    const answer = await anna.post(`${VOICE}/make-call`, body, WAIT);
    expect(answer.json()).toMatchObject({ operationId: 'mine', outcome: { state: 'succeeded' } });
  });

  it('is told by its state where only that tells: hold, retrieve, release, ready, dnd', async () => {
    await makeCall();
    const [call] = await callsOf(anna);
    for (const [path, state] of [
      [`calls/${call?.id}/hold`, { call: { state: 'Held' } }],
      [`calls/${call?.id}/retrieve`, { call: { state: 'Established' } }],
      [`calls/${call?.id}/release`, { call: { state: 'Released' } }],
      ['ready', { dn: { agentState: 'Ready' } }],
      ['not-ready', { dn: { agentState: 'NotReady' } }],
      ['dnd-on', { dn: { dnd: true } }],
    ] as const) {
      control().setOperationIdsEchoed(false);
      const outcome = outcomeOf(await anna.post(`${VOICE}/${path}`, undefined, WAIT));
      expect(outcome, path).toMatchObject({ state: 'succeeded', notification: { data: state } });
    }
  });

  it('accepts a chat, and tells of a media channel', async () => {
    const id = control().inboundChat({ to: 'anna', nickname: 'John', text: 'Hello' });
    const accepted = await anna.post(`/api/workspace/v3/media/chat/interactions/${id}/accept`, {}, WAIT);
    expect(outcomeOf(accepted)).toMatchObject({
      state: 'succeeded',
      notification: { data: { interaction: { id, state: 'Processing' } } },
    });
    expect(outcomeOf(await anna.post('/api/workspace/v3/media/email/ready', {}, WAIT))).toMatchObject({
      state: 'succeeded',
      notification: { data: { messageType: 'ChannelStateChanged' } },
    });
  });

  it('has the result of a provisioning operation', async () => {
    const admin = await stack.signIn('bela');
    const answer = await admin.post('/api/provisioning/v3/operations/get-users?limit=1', undefined, WAIT);
    expect(answer.headers.get('preference-applied')).toBe('wait');
    expect(outcomeOf(answer)).toMatchObject({
      state: 'succeeded',
      notification: {
        api: 'provisioning',
        data: { channel: 'operations', data: { path: '/operations/get-users' } },
      },
    });
  });

  it('waits no longer than its client does', async () => {
    // Nobody answers.
    const outcome = outcomeOf(await makeCall('5002', { prefer: 'wait=1' }));
    expect(outcome).toEqual({ state: 'timed_out' });
  });
});

describe('an answer that promises no outcome', () => {
  it.each([
    ['no preference', '/voice/ready', {}],
    ['a malformed preference', '/voice/ready', { prefer: 'wait=soon' }],
    ['a code of 0', '/activate-channels', WAIT],
    ['a refusal', '/voice/no-such-command', WAIT],
  ])('passes untouched: %s', async (_what, path, headers) => {
    const answer = await anna.post(`/api/workspace/v3${path}`, { data: { agentId: '5001' } }, headers);
    expect(answer.headers.get('preference-applied')).toBeNull();
    expect(answer.json()).not.toHaveProperty('outcome');
  });
});

describe('an outcome that cannot be known', () => {
  it('is said to be unknown at a gap', async () => {
    const waiting = makeCall('5002');
    await eventually(async () => expect(await callsOf(anna)).toHaveLength(1));
    control().forgetBayeuxSession('anna', 'workspace');
    expect(outcomeOf(await waiting)).toEqual({ state: 'unknown' });
  });

  it('is said to be unknown when the session ends, at once', async () => {
    const chloe = await stack.signIn('chloe');
    const waiting = chloe.post(
      `${VOICE}/make-call`,
      { data: { destination: '5001' } },
      { prefer: 'wait=30' },
    );
    await eventually(async () => expect(await callsOf(chloe)).toHaveLength(1));
    const since = performance.now();
    await chloe.post('/auth/logout');
    expect(outcomeOf(await waiting)).toEqual({ state: 'unknown' });
    expect(performance.now() - since).toBeLessThan(10_000);
  });

  it('is said to be unknown when as many wait already, and the others are told all the same', async () => {
    const many = Array.from({ length: 25 }, () => makeCall('5002', { prefer: 'wait=3' }));
    const states = (await Promise.all(many)).map((answer) => outcomeOf(answer).state);
    expect(states.filter((state) => state === 'unknown')).toHaveLength(5);
    expect(states.filter((state) => state === 'timed_out')).toHaveLength(20);
  });
});

describe('a waiting client', () => {
  it('that shares its session with a tab is told what the tab is told, by the same cursor', async () => {
    const tab = anna.openTab({ channels: [{ api: 'workspace', channel: '/workspace/v3/voice' }] });
    await tab.connected('workspace');
    const outcome = outcomeOf(await makeCall());
    await eventually(() =>
      expect(tab.notifications.map(({ cursor }) => cursor)).toContain(
        (outcome.notification as unknown as { cursor: string }).cursor,
      ),
    );
    expect(control().seen('anna').apis.workspace).toMatchObject({ maxSessions: 1 });
    tab.close();
  });
});
