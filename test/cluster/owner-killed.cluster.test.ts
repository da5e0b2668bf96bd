import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from '@gw/kernel/testing';
import { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { BackgroundProcess } from '../support/background-process.js';
import { useCluster } from '../support/cluster.js';
import { faultsIn } from '../support/history.js';
import { Listener } from '../support/listener.js';
import { NumberStream } from '../support/number-stream.js';
import { keysIn, ownerOf } from '../support/redis-contents.js';

const VOICE = '/workspace/v3/voice';
const API = 'workspace';
const PREFIX = 'killed';
const LINGER_MS = 500;
const JOURNAL_TTL_S = 60;
/** Three seconds of silence, a heartbeat, and the way to the next owner. */
const DELIVERED_AGAIN_WITHIN_MS = 8_000;
const GATEWAYS_KILLED = 4;
const INSTANCES = fileURLToPath(new URL('../support/instances-process.mjs', import.meta.url));
const PROCESSES = 20;
const INSTANCES_EACH = 10;
const PROCESSES_AT_ONCE = 4;
/** About five seconds on a machine that has nothing else to do. */
const GONE_WITHIN_MS = 15_000;
const PATIENCE_MS = 30_000;

describe('Instances that are killed', () => {
  const cluster = useCluster({
    environment: {
      LOG_LEVEL: 'info',
      REDIS_PREFIX: PREFIX,
      UPSTREAM_LINGER_MS: String(LINGER_MS),
      JOURNAL_TTL_S: String(JOURNAL_TTL_S),
    },
  });
  const gateways = () => cluster().gateways;
  const control = () => cluster().simulator.control;
  const redis = () => {
    const client = new Redis(cluster().redis!.url);
    onTestFinished(() => client.disconnect());
    return client;
  };
  const openListeners = async (userName: string) => {
    const person = await cluster().signIn(userName, gateways()[0]);
    const listeners = gateways().map(({ url }, index) => {
      const others = gateways().filter((_, other) => other !== index);
      const addresses: [string, ...string[]] = [url, ...others.map((other) => other.url)];
      return new Listener({ person, api: API, channel: VOICE, addresses });
    });
    const close = () => listeners.forEach((listener) => listener.close());
    onTestFinished(close);
    for (const listener of listeners) await listener.connected();
    return { listeners, close };
  };
  const sessionsAreOver = (userName: string) =>
    eventually(() => expect(control().seen(userName).apis.workspace.sessions).toBe(0), PATIENCE_MS);

  it('lose nothing and repeat nothing to any socket, cost no handshake, and leave nothing behind', async () => {
    const client = redis();
    const warmUp = await openListeners('anna');
    warmUp.close();
    await sessionsAreOver('anna');
    const { listeners, close } = await openListeners('bela');
    const stream = new NumberStream(control(), 'bela', API, VOICE, 50);
    onTestFinished(() => void stream.stop());
    for (let killed = 0; killed < GATEWAYS_KILLED; killed += 1) {
      const ownerName = await ownerOf(client, 'bela', API);
      const index = gateways().findIndex(({ name }) => name === ownerName);
      const owner = gateways()[index];
      if (!owner) throw new Error(`nobody owns it: ${ownerName}`);
      await owner.kill();
      const killedAt = performance.now();
      const first = stream.published.length;
      const restarted = owner.restart();
      await eventually(() => {
        for (const { heard } of listeners) expect(heard.at(-1)).toBeGreaterThanOrEqual(first);
      }, PATIENCE_MS);
      expect(performance.now() - killedAt).toBeLessThan(DELIVERED_AGAIN_WITHIN_MS);
      await restarted;
    }
    const last = stream.stop();
    await eventually(() => {
      for (const { heard } of listeners) expect(heard.at(-1)).toBe(last);
    }, PATIENCE_MS);
    expect(listeners.map(({ heard }) => faultsIn(stream.published, heard))).toEqual([[], [], []]);
    expect(listeners.flatMap(({ gaps }) => gaps)).toEqual([]);
    expect(control().seen('bela').apis.workspace).toMatchObject({
      handshakes: 1,
      maxSessions: 1,
      sessions: 1,
      multipleClientsAdvised: false,
    });

    close();
    await sessionsAreOver('bela');
    // As of a person who came and went without any of it.
    const kindsOf = async (userName: string) =>
      (await keysIn(client, `${PREFIX}:{u:*%5C${userName}}:*`)).map((key) => key.split('}')[1]);
    const expected = await kindsOf('anna');
    await eventually(async () => expect(await kindsOf('bela')).toEqual(expected));
    expect(expected.join()).not.toMatch(/leases|wishes|reports|states/u);
  });

  it(`leave no key behind, ${PROCESSES * INSTANCES_EACH} of them`, async () => {
    const client = redis();
    const { close } = await openListeners('chloe');
    close();
    await sessionsAreOver('chloe');
    const indexes = () => keysIn(client, `${PREFIX}:instance:killed-*`);
    const before = await keysIn(client);

    for (let started = 0; started < PROCESSES; started += PROCESSES_AT_ONCE) {
      const processes = await Promise.all(
        Array.from({ length: PROCESSES_AT_ONCE }, (_, index) =>
          startInstances((started + index) * INSTANCES_EACH),
        ),
      );
      expect((await indexes()).length).toBeGreaterThanOrEqual(PROCESSES_AT_ONCE * INSTANCES_EACH);
      await Promise.all(processes.map((instances) => instances.stop('SIGKILL')));
    }
    const journalsOf = (keys: readonly string[]) => keys.filter((key) => key.endsWith(':journal'));
    // Of what the gateways had left to do themselves, more may be gone by now than when it was counted.
    await eventually(async () => {
      const added = (await keysIn(client)).filter((key) => !before.includes(key));
      expect(added).toEqual(journalsOf(added));
    }, GONE_WITHIN_MS);
    // Whoever reads a journal begins it; one that nobody uses goes with its time.
    for (const key of journalsOf(await keysIn(client))) {
      const leftMs = await client.pttl(key);
      expect(leftMs).toBeGreaterThan(0);
      expect(leftMs).toBeLessThanOrEqual(2 * JOURNAL_TTL_S * 1_000);
    }
  });

  async function startInstances(first: number): Promise<BackgroundProcess> {
    const folder = await mkdtemp(join(tmpdir(), 'instances-'));
    const parameters = [INSTANCES, cluster().redis!.url, PREFIX, `${first}`, `${INSTANCES_EACH}`];
    const instances = new BackgroundProcess({ command: process.execPath, parameters, folder });
    onTestFinished(async () => {
      await instances.stop('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    });
    await eventually(() => {
      if (!instances.output().includes('ready')) throw new Error(instances.output());
    }, PATIENCE_MS);
    return instances;
  }
});
