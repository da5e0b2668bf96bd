import { eventually } from '@gw/kernel/testing';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import { type UserHistory } from '../support/checker/user-history.js';
import { judge } from '../support/checker/verdict.js';
import { type Cluster, startCluster } from '../support/cluster.js';
import { type Environment } from '../support/gateway-processes.js';
import { NumberStream } from '../support/number-stream.js';
import { type Person } from '../support/person.js';
import { environmentWith, PLANTED_FAULTS, type PlantedFaultName } from '../support/planted/planted-faults.js';
import { RecordingClient } from '../support/recording-client.js';
import { ownerOf } from '../support/redis-contents.js';
import { type RedisServer, startRedis } from '../support/redis-server.js';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.js';

const API = 'workspace';
const VOICE = '/workspace/v3/voice';
const EVERY_MS = 50;
const GATEWAYS = 2;
const PATIENCE_MS = 20_000;
/** For what should come within milliseconds, and in a faulty gateway never does. */
const QUIET_MS = 3_000;
/** Longer than it takes to be dead to the others. */
const FROZEN_MS = 6_500;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Two gateways, each with a cable of its own to Redis, and somebody with a client at each. */
class Scene {
  readonly clients: RecordingClient[] = [];
  #stream: NumberStream | undefined;

  private constructor(
    readonly cluster: Cluster,
    private readonly redis: RedisServer,
    private readonly cables: readonly TcpProxy[],
    private readonly person: Person,
  ) {}

  static async open(environment: Environment): Promise<Scene> {
    const redis = await startRedis();
    const cables = await Promise.all(Array.from({ length: GATEWAYS }, () => startTcpProxy(redis.port)));
    const cluster = await startCluster({
      gateways: GATEWAYS,
      redis: redis.url,
      environment: (index) => ({ LOG_LEVEL: 'info', REDIS_URL: cables[index]!.url, ...environment }),
    });
    const scene = new Scene(cluster, redis, cables, await cluster.signIn('anna', cluster.gateways[0]));
    for (const index of cluster.gateways.keys()) await scene.#attach(index);
    return scene;
  }

  get control() {
    return this.cluster.simulator.control;
  }

  get stream(): NumberStream {
    this.#stream ??= new NumberStream(this.control, 'anna', API, VOICE, EVERY_MS);
    return this.#stream;
  }

  async owner() {
    const client = new Redis(this.redis.url);
    const name = await ownerOf(client, 'anna', API).finally(() => client.disconnect());
    const index = this.cluster.gateways.findIndex((gateway) => gateway.name === name);
    return { gateway: this.cluster.gateways[index]!, cable: this.cables[index]!, index };
  }

  /** Waits until these clients hear what is published from now on; never longer than `withinMs`. */
  async flows(clients: readonly RecordingClient[] = this.clients, withinMs = PATIENCE_MS): Promise<void> {
    const next = this.stream.next();
    const isHeard = () => clients.every(({ heardAt }) => heardAt.has(next) || heardAt.has(next + 1));
    await eventually(() => expect(isHeard()).toBe(true), withinMs).catch(() => {});
  }

  /** Publishes a last number, gives everybody time to hear it, and gives the account of all. */
  async end(): Promise<UserHistory> {
    const last = this.stream.stop();
    const isHeard = () => this.clients.every(({ heardAt }) => heardAt.has(last));
    await eventually(() => expect(isHeard()).toBe(true), QUIET_MS).catch(() => {});
    const { polls } = this.control.seen('anna').apis.workspace;
    return {
      user: 'anna',
      published: this.stream.log,
      clients: this.clients.map((client) => client.history(true)),
      polls: { workspace: polls },
      tokens: { endedLives: 0, redemptions: this.control.seen('anna').tokens.refreshToken, interrupted: 0 },
    };
  }

  async #attach(gateway: number): Promise<void> {
    const urls = this.cluster.gateways.map(({ url }) => url);
    const addresses: [string, ...string[]] = [
      urls[gateway]!,
      ...urls.filter((_, other) => other !== gateway),
    ];
    const who = { name: `tab ${gateway + 1}`, person: this.person, url: this.cluster.url };
    const client = new RecordingClient({ ...who, addresses, api: API, channel: VOICE });
    this.clients.push(client);
    await eventually(() => expect(client.isConnected).toBe(true), PATIENCE_MS);
  }

  async close(): Promise<void> {
    this.#stream?.stop();
    for (const client of this.clients) client.close();
    await this.cluster.close();
    for (const cable of this.cables) await cable.close();
    await this.redis.close();
  }
}

/** What brings each fault to light; each is harmless to a gateway as it should be. */
const provocations: Record<PlantedFaultName, (scene: Scene) => Promise<void>> = {
  /** The owner receives what it cannot store, and dies. */
  'acknowledged before it is stored': async (scene) => {
    const { gateway, cable } = await scene.owner();
    await scene.flows();
    cable.blackHole();
    await pause(10 * EVERY_MS);
    await gateway.kill();
    cable.heal();
    await scene.flows();
    await gateway.restart();
  },
  /** The owner freezes with a batch in its hands. */
  'no fencing': async (scene) => {
    const { gateway } = await scene.owner();
    await scene.flows();
    gateway.pause();
    await pause(FROZEN_MS);
    gateway.resume();
    await scene.flows();
    await pause(10 * EVERY_MS);
  },
  /** The owner dies after it has stored a batch, and before the platform hears of it. */
  'resumed with a stale acknowledgement': async (scene) => {
    const { gateway } = await scene.owner();
    await scene.flows();
    scene.control.faults.add({ on: 'connect', kind: 'hang', api: API, user: 'anna' });
    await eventually(() => expect(scene.control.faults.list()).toEqual([]), PATIENCE_MS);
    await pause(2 * EVERY_MS);
    await gateway.kill();
    await scene.flows();
    await gateway.restart();
  },
  /** The last number comes just after a client has come back and read what it missed. */
  'replayed before it is registered': async (scene) => {
    await scene.flows();
    scene.stream.stop();
    const [client] = scene.clients;
    const times = () => client!.events.filter(({ kind }) => kind === 'ready').length;
    const before = times();
    client!.drop();
    await eventually(() => expect(times()).toBeGreaterThan(before), PATIENCE_MS);
    await pause(2 * EVERY_MS);
  },
  /** A client is at another instance than the owner. */
  'never published': async (scene) => {
    await scene.flows(scene.clients, QUIET_MS);
  },
};

describe('The history checker', () => {
  let scene: Scene | undefined;
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') console.error(scene?.cluster.report());
    await scene?.close();
    scene = undefined;
  });

  const breachesOf = (history: UserHistory) => new Set(judge([history]).breaches.map(({ kind }) => kind));

  it('finds nothing in gateways as they are, whatever provokes them', async () => {
    scene = await Scene.open({});
    for (const provoke of Object.values(provocations)) await provoke(scene);
    const { breaches } = judge([await scene.end()]);
    expect(breaches).toEqual([]);
    expect(scene.control.seen('anna').apis.workspace.handshakes).toBe(1);
  });

  const found = {
    'acknowledged before it is stored': 'lost',
    'no fencing': 'repeated',
    'resumed with a stale acknowledgement': 'repeated',
    'replayed before it is registered': 'silent',
    'never published': 'silent',
  } as const satisfies Record<PlantedFaultName, string>;

  it.each(Object.keys(PLANTED_FAULTS) as PlantedFaultName[])(
    'finds a gateway with the fault "%s"',
    async (name) => {
      scene = await Scene.open(environmentWith(name));
      await provocations[name](scene);
      expect(breachesOf(await scene.end())).toContain(found[name]);
    },
  );
});
