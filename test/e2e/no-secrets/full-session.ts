import { eventually } from '@gw/kernel/testing';
import { type Fault } from '@gw/simulator';
import { expect } from 'vitest';
import { locationOf, Person } from '../../support/person.js';
import { type SocketClient } from '../../support/socket-client.js';
import { type Stack } from '../../support/stack.js';

export const API_KEY = 'key-of-the-gateway-7b1f0c';
/** In a notification, so that it can be seen whether frames are on record. */
export const MARKER = 'a notification on record';

/** Who is sent trouble beside the demo agents. */
export const EXTRA_AGENTS = 12;

const APIS = ['workspace', 'statistics', 'provisioning'] as const;
const VOICE = '/workspace/v3/voice';
const DEFAULT_CHANNEL = {
  workspace: VOICE,
  statistics: '/statistics/v3/updates',
  provisioning: '/any',
} as const;
const COMETD_TROUBLES = (['handshake', 'subscribe', 'connect'] as const).flatMap((on) =>
  (['status', 'truncate', 'reset', 'lose-reply'] as const).map((kind) => ({ on, kind })),
);
const CURRENT = '/api/workspace/v3/current-session';

/** All that can happen between a login and a logout, good and bad; two people, so that one can stay behind. */
export async function playFullSession(stack: Stack): Promise<void> {
  await loginsThatFail(stack);
  const [anna, bela] = [await stack.signIn('anna'), await stack.signIn('bela')];
  const [annasTab, belasTab] = [anna.openTab(), bela.openTab()];
  await Promise.all([annasTab.connected(...APIS), belasTab.connected(...APIS)]);
  await work(stack, anna, annasTab);
  await troubleAtRest(stack, anna);
  await renewTokens(stack, anna, [await stack.signIn('chloe'), await stack.signIn('david')]);
  await loseSessions(stack, annasTab);
  await troubleAtCometd(stack);
  await manageSessions(stack, anna);
  await loseRefreshToken(stack, bela, belasTab);
  await logOut(stack, anna, annasTab);
}

async function loginsThatFail({ url, simulator }: Stack): Promise<void> {
  const { faults } = simulator.control;
  const kinds: Fault[] = [
    { on: 'token', kind: 'status', status: 500 },
    { on: 'token', kind: 'truncate' },
    { on: 'token', kind: 'lose-reply' },
    { on: 'userinfo', kind: 'truncate' },
    { on: 'userinfo', kind: 'status', status: 401 },
  ];
  for (const fault of kinds) {
    faults.add(fault);
    await expect(new Person(url, 'anna').signIn()).rejects.toThrow(/50[234]|403/);
  }
  const lost = new Person(url, 'anna');
  const begun = locationOf(await lost.agent.request(`${url}/auth/login`));
  const callback = new URL(await lost.authorize(begun));
  callback.searchParams.set('code', 'not-the-code');
  expect((await lost.agent.request(callback.href)).status).toBe(403);
}

async function work({ url, simulator }: Stack, anna: Person, tab: SocketClient): Promise<void> {
  const desk = { data: { agentId: '5001', placeName: 'Place_anna', channels: ['voice'] } };
  const statistic = { statisticId: 's1', objectType: 'Agent', objectId: 'anna', name: 'CurrentAgentState' };
  await anna.post('/api/workspace/v3/activate-channels', desk);
  await anna.post('/api/workspace/v3/voice/make-call', { data: { destination: '5002' } });
  await anna.post('/api/statistics/v3/subscriptions', {
    operationId: 'desk',
    data: { statistics: [statistic] },
  });
  await anna.request('/api/provisioning/v3/users');
  await anna.request('/api/workspace/v3/no-such-thing');
  await anna.post('/api/workspace/v3/initialize-workspace');
  await new Person(url, 'nobody').request(CURRENT);
  simulator.control.publish('anna', 'workspace', VOICE, { text: MARKER });
  await eventually(() => expect(tab.dataOn(VOICE)).toContainEqual({ text: MARKER }));
  await tab.emit('subscribe', { api: 'workspace', channel: '/elsewhere' });
  await tab.emit('subscribe', { api: 'workspace', channel: '/workspace/v3/media/*' });
  await tab.emit('anything', {});
}

async function troubleAtRest({ simulator }: Stack, anna: Person): Promise<void> {
  const { faults } = simulator.control;
  const troubles: [Omit<Fault, 'on' | 'api'>, number][] = [
    [{ kind: 'status', status: 500 }, 500],
    [{ kind: 'status', status: 403 }, 200],
    [{ kind: 'unknown-session' }, 200],
    [{ kind: 'truncate' }, 200],
    [{ kind: 'reset' }, 502],
    [{ kind: 'lose-reply' }, 502],
    [{ kind: 'hang' }, 504],
  ];
  for (const [fault, status] of troubles) {
    faults.add({ on: 'rest', api: 'workspace', user: 'anna', ...fault });
    expect((await anna.request(CURRENT)).status, JSON.stringify(fault)).toBe(status);
    faults.clear();
  }
}

async function renewTokens({ simulator }: Stack, anna: Person, others: readonly Person[]): Promise<void> {
  const { control } = simulator;
  control.expireAccessTokens('anna');
  expect((await peek(anna)).status).not.toBe(401);
  control.faults.add({ on: 'token', kind: 'status' });
  control.faults.add({ on: 'token', kind: 'reset' });
  for (const { userName } of others) control.expireAccessTokens(userName);
  for (const person of others) expect((await peek(person)).status).toBe(401);
  for (const person of others) {
    await eventually(async () => expect((await peek(person)).status).not.toBe(401), 20_000);
  }
}

/** Of the APIs, Statistics is the one that wants a living token every time. */
const peek = (person: Person) => person.request('/api/statistics/v3/subscriptions/desk/statistic-values');

async function loseSessions({ simulator }: Stack, tab: SocketClient): Promise<void> {
  const { control } = simulator;
  const losses = [
    ...APIS.map((api) => ['forgetBayeuxSession', api] as const),
    ['forgetHttpSession', 'workspace'] as const,
    ['forgetHttpSession', 'provisioning'] as const,
  ];
  for (const [lose, api] of losses) {
    await tab.connected(api);
    const gaps = tab.gaps.length;
    control[lose]('anna', api);
    // Whatever comes ends the long poll that would go on for seconds.
    control.publish('anna', api, DEFAULT_CHANNEL[api], {});
    await eventually(() => expect(tab.gaps.length).toBeGreaterThan(gaps));
  }
}

/** Answers to the CometD client that break off in the middle, or are no answers; each for somebody else. */
async function troubleAtCometd(stack: Stack): Promise<void> {
  const { faults } = stack.simulator.control;
  const trouble = async ({ on, kind }: (typeof COMETD_TROUBLES)[number], user: string) => {
    faults.add({ on, kind, user, api: 'workspace' });
    const person = await stack.signIn(user);
    await person.openTab({ channels: [{ api: 'workspace', channel: VOICE }] }).connected('workspace');
  };
  await Promise.all(COMETD_TROUBLES.map((one, index) => trouble(one, `user${index + 1}`)));
  expect(faults.list()).toEqual([]);
}

async function manageSessions({ url, simulator }: Stack, anna: Person): Promise<void> {
  const phone = new Person(url, 'anna');
  await phone.signIn();
  expect((await anna.request('/auth/session')).status).toBe(200);
  const listed = (await anna.request('/auth/sessions')).json() as {
    sessions: { id: string; current: boolean }[];
  };
  const other = listed.sessions.find(({ current }) => !current)!;
  simulator.control.faults.add({ on: 'sign-out', kind: 'status', status: 500 });
  expect((await anna.request(`/auth/sessions/${other.id}`, 'DELETE')).status).toBe(204);
  expect((await anna.request('/auth/sessions/nothing', 'DELETE')).status).toBe(404);
}

/** The answer that breaks off carried the new refresh token, and the old one works no more. */
async function loseRefreshToken({ simulator }: Stack, bela: Person, tab: SocketClient): Promise<void> {
  simulator.control.faults.add({ on: 'token', kind: 'truncate' });
  simulator.control.expireAccessTokens('bela');
  await eventually(async () => {
    await peek(bela);
    expect((await bela.request('/auth/session')).status).toBe(401);
  });
  await eventually(() => expect(tab.socket.connected).toBe(false));
}

async function logOut({ simulator }: Stack, anna: Person, tab: SocketClient): Promise<void> {
  simulator.control.faults.add({ on: 'logout', kind: 'truncate', user: 'anna' });
  simulator.control.faults.add({ on: 'sign-out', kind: 'truncate' });
  expect((await anna.post('/auth/logout')).status).toBe(204);
  await eventually(() => expect(tab.socket.connected).toBe(false));
  expect((await anna.request(CURRENT)).status).toBe(401);
  await eventually(() => expect(simulator.control.faults.list()).toEqual([]));
}
