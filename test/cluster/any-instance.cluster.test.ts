import { eventually } from '@gw/kernel/testing';
import { describe, expect, it } from 'vitest';
import { useCluster } from '../support/cluster.js';
import { locationOf, type Person } from '../support/person.js';
import { type SocketClient } from '../support/socket-client.js';

const APIS = ['workspace', 'statistics', 'provisioning'] as const;
const VOICE = '/workspace/v3/voice';
const VOICE_ONLY = { channels: [{ api: 'workspace', channel: VOICE }] };
const CURRENT = '/api/workspace/v3/current-session';

const USERS = 100;
/** How many people sign in, or arrive, at the same time. */
const AT_ONCE = 10;
const BATCHES = 4;
const BATCH_SIZE = 5;
/** For a machine that has other things to do. */
const PATIENCE_MS = 60_000;

describe.each(['nginx', 'haproxy'] as const)('three gateways behind %s', (kind) => {
  const cluster = useCluster({
    loadBalancer: kind,
    simulator: { extraAgents: USERS },
    environment: { LOG_LEVEL: 'warn' },
  });
  const control = () => cluster().simulator.control;
  const gateway = (index: number) => cluster().gateways[index % cluster().gateways.length]!;
  const at = (person: Person, index: number) => person.through(gateway(index).url);

  it('let a person sign in at one, call the REST API at another, and listen at the third', async () => {
    const anna = await cluster().signIn('anna', gateway(0));
    expect((await at(anna, 1).request(CURRENT)).status).toBe(200);
    const tab = at(anna, 2).openTab(VOICE_ONLY);
    await tab.connected('workspace');
    const numbers = numbersFrom(0, 50);
    control().publishMany('anna', 'workspace', VOICE, numbers);
    await eventually(() => expect(tab.dataOn(VOICE)).toEqual(numbers));

    // What she does at one is news at the other.
    expect((await at(anna, 1).post('/api/workspace/v3/voice/not-ready')).status).toBe(200);
    await eventually(() => expect(tab.dataOn(VOICE).length).toBeGreaterThan(numbers.length));
    expect(tab.gaps).toEqual([]);

    expect((await at(anna, 1).post('/auth/logout')).status).toBe(204);
    await eventually(() => expect(tab.socket.connected).toBe(false));
    for (const index of [0, 1, 2]) expect((await at(anna, index).request('/auth/session')).status).toBe(401);
    await eventually(() =>
      expect(control().seen('anna').apis.workspace).toMatchObject({ sessions: 0, maxSessions: 1 }),
    );
  });

  it('let a person begin to sign in at one, and finish at another', async () => {
    const bela = cluster().person('bela');
    const begun = await bela.agent.request(`${cluster().url}/auth/login`, { via: gateway(0).url });
    const callback = await bela.authorize(locationOf(begun));
    const done = await bela.agent.request(callback, { via: gateway(1).url });
    expect(done.status).toBe(302);
    expect((await at(bela, 2).request('/auth/session')).status).toBe(200);
    // The code is used up, everywhere.
    const again = await bela.agent.request(callback, { via: gateway(2).url });
    expect(again.status).toBe(403);
  });

  it('are one to a person whom the load balancer leads now here, now there', async () => {
    const chloe = await cluster().signIn('chloe');
    const answers = await Promise.all(Array.from({ length: 30 }, () => chloe.request(CURRENT)));
    expect([...new Set(answers.map(({ status }) => status))]).toEqual([200]);
    const tabs = Array.from({ length: 6 }, () => chloe.openTab(VOICE_ONLY));
    for (const tab of tabs) await tab.connected('workspace');
    const numbers = numbersFrom(0, 50);
    control().publishMany('chloe', 'workspace', VOICE, numbers);
    for (const tab of tabs) await eventually(() => expect(tab.dataOn(VOICE)).toEqual(numbers));
    expect(control().seen('chloe').apis.workspace).toMatchObject({
      sessionInits: 1,
      handshakes: 1,
      maxSessions: 1,
    });

    // Which it did.
    const asked = cluster()
      .loadBalancer!.requests()
      .filter(({ path }) => path === CURRENT);
    expect(new Set(asked.map((request) => request.gateway)).size).toBe(cluster().gateways.length);
  });

  it(`deliver to ${USERS} people with a socket at each: once, in order, from one CometD session per API`, async () => {
    const names = Array.from({ length: USERS }, (_, index) => `user${index + 1}`);
    const people = await batched(names, (name, index) => cluster().signIn(name, gateway(index)));
    const tabs = await batched(people, async (person) => {
      const own = [0, 1, 2].map((index) => at(person, index).openTab());
      for (const tab of own) await tab.connected(...APIS);
      return own;
    });

    for (let batch = 0; batch < BATCHES; batch += 1) {
      const numbers = numbersFrom(batch * BATCH_SIZE, BATCH_SIZE);
      for (const name of names)
        control().publishMany(
          name,
          'workspace',
          VOICE,
          numbers.map((n) => `${name} ${n}`),
        );
      // Their polls come back in between.
      await Promise.all(tabs.flat().map((tab) => heard(tab, (batch + 1) * BATCH_SIZE)));
    }

    const expected = numbersFrom(0, BATCHES * BATCH_SIZE);
    for (const [index, name] of names.entries()) {
      const own = tabs[index]!;
      const texts = expected.map((n) => `${name} ${n}`);
      expect(own.map((tab) => tab.dataOn(VOICE))).toEqual([texts, texts, texts]);
      const cursors = own.map(cursorsOnVoice);
      expect(new Set(cursors[0]).size).toBe(texts.length);
      expect([cursors[1], cursors[2]]).toEqual([cursors[0], cursors[0]]);
      expect(own.flatMap(({ gaps }) => gaps)).toEqual([]);
    }
    for (const api of APIS) {
      const seen = names.map((name) => control().seen(name).apis[api]);
      expect(seen.map(({ sessions, maxSessions }) => [sessions, maxSessions])).toEqual(
        seen.map(() => [1, 1]),
      );
      expect(seen.map(({ handshakes }) => handshakes)).toEqual(seen.map(() => 1));
      expect(seen.map(({ sessionInits }) => sessionInits)).toEqual(
        seen.map(() => (api === 'statistics' ? 0 : 1)),
      );
      expect(seen.some(({ multipleClientsAdvised }) => multipleClientsAdvised)).toBe(false);
    }
  });
});

const numbersFrom = (start: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => start + index);

const cursorsOnVoice = (tab: SocketClient): string[] =>
  tab.notifications.filter(({ channel }) => channel === VOICE).map(({ cursor }) => cursor);

const heard = (tab: SocketClient, count: number): Promise<void> =>
  eventually(() => expect(tab.dataOn(VOICE).length).toBeGreaterThanOrEqual(count), PATIENCE_MS);

/** In the order of `items`, some at a time. */
async function batched<T, R>(items: readonly T[], act: (item: T, index: number) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += AT_ONCE) {
    const some = items.slice(start, start + AT_ONCE);
    results.push(...(await Promise.all(some.map((item, offset) => act(item, start + offset)))));
  }
  return results;
}
