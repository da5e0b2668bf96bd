import { eventually } from '@gw/kernel/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { useCluster } from '../support/cluster.js';
import { type GatewayProcess } from '../support/gateway-processes.js';
import { type Person } from '../support/person.js';
import { type SocketClient } from '../support/socket-client.js';

const VOICE = '/workspace/v3/voice';
const VOICE_ONLY = { channels: [{ api: 'workspace', channel: VOICE }] };
const LINGER_MS = 1_000;

describe('the instance that owns a CometD session', () => {
  const cluster = useCluster({
    simulator: { extraAgents: 2 },
    environment: { LOG_LEVEL: 'info', UPSTREAM_LINGER_MS: String(LINGER_MS) },
  });
  const control = () => cluster().simulator.control;
  const seen = () => control().seen(name).apis.workspace;
  let users = 0;
  let name: string;
  let person: Person;
  let published = 0;

  beforeEach(async () => {
    users += 1;
    published = 0;
    name = `user${users}`;
    person = await cluster().signIn(name, cluster().gateways[0]);
  });

  afterEach(async () => {
    person.close();
    await person.post('/auth/logout');
  });

  const open = async (gateway: GatewayProcess): Promise<SocketClient> => {
    const tab = person.through(gateway.url).openTab(VOICE_ONLY);
    await tab.connected('workspace');
    return tab;
  };
  const publish = (count: number) => {
    const numbers = Array.from({ length: count }, (_, index) => published + index);
    published += count;
    control().publishMany(name, 'workspace', VOICE, numbers);
  };
  const expected = () => Array.from({ length: published }, (_, index) => index);
  const heardAll = (tab: SocketClient) =>
    eventually(() => expect(tab.dataOn(VOICE)).toEqual(expected()), 20_000);
  const others = (gateway: GatewayProcess) => cluster().gateways.filter((each) => each !== gateway);

  /** Traffic until `done`, a notification every 50 ms. */
  async function trafficUntil(done: () => boolean | Promise<boolean>, timeoutMs: number): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (!(await done())) {
      if (Date.now() > deadline) throw new Error('it took too long');
      publish(1);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  it('is followed by another within seconds when it is killed: the same session, nothing lost', async () => {
    const [, owner] = cluster().gateways as [GatewayProcess, GatewayProcess];
    await open(owner);
    const tabs = [await open(others(owner)[0]!), await open(others(owner)[1]!)];
    publish(5);
    for (const tab of tabs) await heardAll(tab);
    const told = tabs.map((tab) => tab.received.length);
    const killedAt = Date.now();
    await owner.kill();
    const before = published;
    await trafficUntil(() => tabs.every((tab) => tab.dataOn(VOICE).length > before), 15_000);
    const pauseMs = Date.now() - killedAt;
    for (const tab of tabs) await heardAll(tab);
    expect(tabs.flatMap(({ gaps }) => gaps)).toEqual([]);
    // Nor did they have to know.
    const after = tabs.flatMap((tab, index) => tab.received.slice(told[index]));
    expect(after.filter(({ type }) => type === 'upstream')).toEqual([]);
    expect(seen()).toMatchObject({ handshakes: 1, sessions: 1, maxSessions: 1 });
    // The platform forgets a session that is silent for ten seconds.
    expect(pauseMs).toBeLessThan(9_000);
    await owner.restart();
  });

  it('hands the session over when it is told to leave', async () => {
    const [, , owner] = cluster().gateways as [GatewayProcess, GatewayProcess, GatewayProcess];
    const own = await open(owner);
    const tab = await open(others(owner)[0]!);
    publish(5);
    await heardAll(tab);
    const { cursor } = own;
    expect(await owner.terminate()).toBe(0);
    publish(5);
    await heardAll(tab);
    const back = person.through(others(owner)[1]!.url).openTab({ ...VOICE_ONLY, after: cursor });
    expect((await back.ready()).recovered).toBe(true);
    await eventually(() => expect(back.dataOn(VOICE)).toEqual(expected().slice(5)));
    expect(tab.gaps).toEqual([]);
    expect(seen()).toMatchObject({ handshakes: 1, disconnects: 0, sessions: 1 });
    await owner.restart();
  });
});
