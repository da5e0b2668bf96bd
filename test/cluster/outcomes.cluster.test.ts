import { randomUUID } from 'node:crypto';
import { type Outcome } from '@gw/contract';
import { eventually } from '@gw/kernel/testing';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import { useCluster } from '../support/cluster.js';
import { type AgentAnswer } from '../support/cookie-agent.js';
import { type Person } from '../support/person.js';
import { ownerOf } from '../support/redis-contents.js';

const MAKE_CALL = '/api/workspace/v3/voice/make-call';
const CALLS = '/api/workspace/v3/voice/calls';
const OUTSIDE = '+15551234567';
const WAIT = { prefer: 'wait=20' };

const USERS = 50;
const COMMANDS_EACH = 20;
const AT_ONCE_WITHIN_MS = 20_000;

describe('three gateways', () => {
  const cluster = useCluster({
    simulator: { extraAgents: USERS },
    environment: { LOG_LEVEL: 'warn' },
  });
  const control = () => cluster().simulator.control;
  const gateway = (index: number) => cluster().gateways[index]!;
  const at = (person: Person, index: number) => person.through(gateway(index).url);
  const call = (person: Person, destination = OUTSIDE, headers: Readonly<Record<string, string>> = WAIT) =>
    person.post(MAKE_CALL, { data: { destination } }, headers);
  const outcomeOf = (answer: AgentAnswer) => (answer.json() as { outcome: Outcome }).outcome;

  async function callsOf(person: Person): Promise<{ id: string }[]> {
    const answer = (await person.request(CALLS)).json();
    return (answer as { data: { calls: { id: string }[] } }).data.calls;
  }

  /** Through which gateway the person's CometD session goes; found by where its lease is. */
  async function ownerIndexOf(name: string): Promise<number> {
    const client = new Redis({ port: cluster().redis!.port, host: '127.0.0.1' });
    try {
      const owner = await ownerOf(client, name, 'workspace');
      return cluster().gateways.findIndex(({ name: its }) => its === owner);
    } finally {
      client.disconnect();
    }
  }

  afterEach(() => {
    control().faults.clear();
    control().setEventBeforeReply(false);
    control().setOperationIdsEchoed(true);
  });

  it('tell the outcome of a command at those that do not own the CometD session', async () => {
    const anna = await cluster().signIn('anna', gateway(0));
    const tab = at(anna, 0).openTab({ channels: [{ api: 'workspace', channel: '/workspace/v3/voice' }] });
    await tab.connected('workspace');
    expect(await ownerIndexOf('anna')).toBe(0);
    for (const before of [false, true]) {
      control().setEventBeforeReply(before);
      for (const echoed of [true, false]) {
        control().setOperationIdsEchoed(echoed);
        for (const index of [1, 2]) {
          const outcome = outcomeOf(await call(at(anna, index)));
          expect(outcome).toMatchObject({
            state: 'succeeded',
            notification: { data: { call: { state: 'Established' } } },
          });
          // The same notification as the tab has.
          const cursor = outcome.notification?.cursor;
          await eventually(() => expect(tab.notifications.map((each) => each.cursor)).toContain(cursor));
          expect(outcomeOf(await call(at(anna, index), '12'))).toMatchObject({
            state: 'failed',
            notification: { data: { messageType: 'EventError' } },
          });
        }
      }
    }
    expect(control().seen('anna').apis.workspace).toMatchObject({ maxSessions: 1, handshakes: 1 });
    tab.close();
  });

  it('end a wait at one when the session ends at another', async () => {
    const bela = await cluster().signIn('bela', gateway(0));
    const waiting = call(at(bela, 1), '5001', { prefer: 'wait=30' });
    await eventually(async () => expect(await callsOf(at(bela, 2))).toHaveLength(1));
    const since = performance.now();
    expect((await at(bela, 2).post('/auth/logout')).status).toBe(204);
    expect(outcomeOf(await waiting)).toEqual({ state: 'unknown' });
    expect(performance.now() - since).toBeLessThan(10_000);
  });

  it('give a command once, wherever its key comes, and its first answer again', async () => {
    const chloe = await cluster().signIn('chloe', gateway(0));
    const key = { 'idempotency-key': `"${randomUUID()}"`, ...WAIT };
    const atOnce = await Promise.all([0, 1, 2, 0, 1, 2].map((index) => call(at(chloe, index), OUTSIDE, key)));
    const made = atOnce.filter(({ status }) => status === 200);
    expect(made.length).toBeGreaterThan(0);
    for (const { status } of atOnce) expect([200, 409]).toContain(status);
    for (const index of [0, 1, 2]) {
      const again = await call(at(chloe, index), OUTSIDE, key);
      expect([again.status, again.text]).toEqual([200, made[0]?.text]);
    }
    expect(await callsOf(at(chloe, 0))).toHaveLength(1);
    expect((await call(at(chloe, 1), '5001', key)).status).toBe(422);
  });

  it(`settle ${USERS * COMMANDS_EACH} waits at once, each by its own notification`, async () => {
    const names = Array.from({ length: USERS }, (_, index) => `user${index + 1}`);
    const people: Person[] = [];
    for (const [index, name] of names.entries())
      people.push(await cluster().signIn(name, gateway(index % 3)));
    // So that nobody waits for a connection below.
    for (const person of people) await call(person, '12');
    const waiting = people.map((person, index) =>
      Array.from({ length: COMMANDS_EACH }, (_, nth) =>
        at(person, (index + nth) % 3).post(
          MAKE_CALL,
          // Nobody answers there.
          { operationId: `${names[index]}-${nth}`, data: { destination: '5005' } },
          { prefer: 'wait=30' },
        ),
      ),
    );
    const answered = Promise.all(waiting.map((own) => Promise.all(own)));
    const state = { isOver: false };
    void answered.finally(() => (state.isOver = true)).catch(() => {});
    const sent = () => names.reduce((sum, name) => sum + control().seen(name).apis.workspace.rest, 0);
    const before = sent();
    await eventually(() => expect(sent() - before).toBe(USERS * COMMANDS_EACH), AT_ONCE_WITHIN_MS).catch(
      // On a machine that has other things to do, the last ones come when the first ones are told.
      () => {},
    );
    // Again for those that came late; to the others it is a repeat.
    while (!state.isOver) {
      for (const name of names) {
        const errors = Array.from({ length: COMMANDS_EACH }, (_, nth) => ({
          messageType: 'EventError',
          operationId: `${name}-${nth}`,
        }));
        control().publishMany(name, 'workspace', '/workspace/v3/voice', errors);
      }
      await Promise.race([answered, new Promise((resolve) => setTimeout(resolve, 2_000))]);
    }
    for (const [index, answers] of (await answered).entries()) {
      for (const [nth, answer] of answers.entries()) {
        expect(outcomeOf(answer)).toMatchObject({
          state: 'failed',
          notification: { data: { operationId: `${names[index]}-${nth}` } },
        });
      }
    }
    // Whoever waits next finds room.
    for (const person of people.slice(0, 3)) expect(outcomeOf(await call(person, '12')).state).toBe('failed');
  });
});

describe('a gateway that cannot be relied on', () => {
  const cluster = useCluster({
    gateways: 2,
    environment: { LOG_LEVEL: 'warn', UPSTREAM_TIMEOUT_MS: '1000' },
  });
  const control = () => cluster().simulator.control;

  it('gives no command with a key while Redis is away, and says so', async () => {
    const anna = await cluster().signIn('anna', cluster().gateways[0]);
    const key = { 'idempotency-key': randomUUID() };
    const send = () => anna.post(MAKE_CALL, { data: { destination: OUTSIDE } }, key);
    await anna.request(CALLS);
    const { pid } = cluster().redis!;
    process.kill(pid, 'SIGSTOP');
    const refused = await send().finally(() => process.kill(pid, 'SIGCONT'));
    expect([refused.status, refused.json()]).toMatchObject([503, { code: 'idempotency_unavailable' }]);
    expect(refused.headers.get('retry-after')).toBe('1');
    await eventually(async () => {
      // What was asked of Redis may still have been done: then its claim is given back first.
      expect((await send()).status).toBe(200);
    }, 15_000);
    expect(control().seen('anna').apis.workspace).toBeDefined();
  });

  it('that dies in the middle of a command leaves it unknown, and never given twice', async () => {
    const david = await cluster().signIn('david', cluster().gateways[1]);
    const key = { 'idempotency-key': randomUUID() };
    control().faults.add({ user: 'david', on: 'rest', path: '/make-call', kind: 'delay', delayMs: 500 });
    const send = (index: number) =>
      david.through(cluster().gateways[index]!.url).post(MAKE_CALL, { data: { destination: '5001' } }, key);
    const broken = send(1).catch((error: unknown) => error);
    await eventually(() => expect(control().faults.list()).toEqual([]));
    await cluster().gateways[1]!.kill();
    expect(await broken).toBeInstanceOf(Error);
    const again = await send(0);
    expect([again.status, again.json()]).toMatchObject([409, { code: 'idempotency_in_progress' }]);
    const calls = await david.through(cluster().gateways[0]!.url).request(CALLS);
    expect((calls.json() as { data: { calls: unknown[] } }).data.calls.length).toBeLessThanOrEqual(1);
  });
});
