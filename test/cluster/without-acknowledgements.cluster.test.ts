import { eventually } from '@gw/kernel/testing';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Cluster, useCluster } from '../support/cluster.js';
import { FayeUpstream } from '../support/faye-upstream.js';
import { type GatewayProcess } from '../support/gateway-processes.js';
import { faultsIn } from '../support/history.js';
import { Listener } from '../support/listener.js';
import { NumberStream } from '../support/number-stream.js';
import { ownerOf } from '../support/redis-contents.js';

const PATIENCE_MS = 40_000;
const EVERY_MS = 50;
const PERSON = 'anna';

/** A CometD server that delivers once, and never again: what was on its way to a gateway that died is lost. */
interface Upstream {
  readonly api: string;
  readonly channel: string;
  publish(data: unknown): void;
  readonly handshakes: number;
  readonly sessions: number;
  readonly maxSessions: number;
  /** It forgets its sessions. */
  forget(): Promise<void>;
}

/** A listener at each gateway, and numbers for all of them. */
class Audience {
  readonly listeners: readonly Listener[];
  readonly #redis: Redis;

  private constructor(
    private readonly cluster: Cluster,
    private readonly upstream: Upstream,
    listeners: readonly Listener[],
  ) {
    this.listeners = listeners;
    this.#redis = new Redis(cluster.redis!.url);
  }

  static async of(cluster: Cluster, upstream: Upstream): Promise<Audience> {
    const { gateways } = cluster;
    const person = await cluster.signIn(PERSON, gateways[0]);
    const { api, channel } = upstream;
    const listeners = gateways.map(({ url }) => {
      const others = gateways.map((other) => other.url).filter((other) => other !== url);
      return new Listener({ person, api, channel, addresses: [url, ...others] });
    });
    const audience = new Audience(cluster, upstream, listeners);
    onTestFinished(() => audience.#close());
    for (const listener of listeners) await listener.connected();
    return audience;
  }

  numbers(): NumberStream {
    const { api, channel } = this.upstream;
    const publish = (_user: string, _api: string, _channel: string, data: unknown) => {
      this.upstream.publish(data);
      return 1;
    };
    const stream = new NumberStream({ publish }, PERSON, api, channel, EVERY_MS);
    onTestFinished(() => void stream.stop());
    return stream;
  }

  async owner(): Promise<GatewayProcess> {
    const name = await ownerOf(this.#redis, PERSON, this.upstream.api);
    const owner = this.cluster.gateways.find((gateway) => gateway.name === name);
    if (!owner) throw new Error(`nobody owns it: ${name}`);
    return owner;
  }

  /** Each hears something that is published after this moment. */
  async goesOn(stream: NumberStream): Promise<void> {
    const next = stream.published.length;
    await eventually(() => {
      for (const { heard } of this.listeners)
        expect(Math.max(...numbersIn(heard))).toBeGreaterThanOrEqual(next);
    }, PATIENCE_MS);
  }

  #close(): void {
    for (const listener of this.listeners) listener.close();
    this.#redis.disconnect();
  }
}

const numbersIn = (heard: Listener['heard']) => heard.filter((item) => typeof item === 'number');

function behave(cluster: () => Cluster, upstream: () => Upstream): void {
  it('loses nothing in silence when owners are killed and told to leave, and sessions are forgotten', async () => {
    const audience = await Audience.of(cluster(), upstream());
    const { handshakes } = upstream();
    const stream = audience.numbers();
    await audience.goesOn(stream);

    for (const leave of ['kill', 'kill', 'terminate', 'terminate'] as const) {
      const owner = await audience.owner();
      await owner[leave]();
      await audience.goesOn(stream);
      await owner.restart();
    }
    // Each of them went on with the session, and none could tell what it had missed.
    for (const { gaps } of audience.listeners) expect(gaps.length).toBeGreaterThanOrEqual(4);
    expect(upstream()).toMatchObject({ handshakes, sessions: 1, maxSessions: 1 });

    await upstream().forget();
    await audience.goesOn(stream);
    for (const { gaps } of audience.listeners) expect(gaps.length).toBeGreaterThanOrEqual(5);
    expect(upstream()).toMatchObject({ handshakes: handshakes + 1, sessions: 1, maxSessions: 1 });

    const last = stream.stop();
    await eventually(() => {
      for (const { heard } of audience.listeners) expect(heard).toContain(last);
    }, PATIENCE_MS);
    const { listeners } = audience;
    expect(listeners.map(({ heard }) => faultsIn(stream.published, heard))).toEqual(listeners.map(() => []));
    expect(new Set(listeners.flatMap(({ gaps }) => gaps))).toEqual(new Set(['upstream']));
  });

  it('tells of the gap also when nothing comes after it', async () => {
    const audience = await Audience.of(cluster(), upstream());
    const before = audience.listeners.map(({ gaps }) => gaps.length);
    const owner = await audience.owner();
    await owner.kill();
    await eventually(() => {
      for (const [index, { gaps }] of audience.listeners.entries())
        expect(gaps.length).toBeGreaterThan(before[index]!);
    }, PATIENCE_MS);
    await owner.restart();
    expect(upstream().sessions).toBe(1);
  });
}

describe('A CometD server without the acknowledgement extension', () => {
  const cluster = useCluster({ simulator: { ackExtension: false } });
  const control = () => cluster().simulator.control;
  const channel = '/workspace/v3/voice';
  const seen = () => control().seen(PERSON).apis.workspace;
  const upstream: Upstream = {
    api: 'workspace',
    channel,
    publish: (data) => control().publish(PERSON, 'workspace', channel, data),
    get handshakes() {
      return seen().handshakes;
    },
    get sessions() {
      return seen().sessions;
    },
    get maxSessions() {
      return seen().maxSessions;
    },
    forget: async () => void control().forgetBayeuxSession(PERSON, 'workspace'),
  };
  behave(cluster, () => upstream);
});

describe('Faye', () => {
  let faye: FayeUpstream;
  beforeAll(async () => {
    faye = await FayeUpstream.start();
  });
  const cluster = useCluster({ environment: () => ({ UPSTREAMS_FILE: faye.profileFile }) });
  afterAll(() => faye.close());
  const channel = '/numbers';
  const upstream: Upstream = {
    api: FayeUpstream.api,
    channel,
    publish: (data) => faye.publish(channel, data),
    get handshakes() {
      return faye.handshakes;
    },
    get sessions() {
      return faye.sessions;
    },
    get maxSessions() {
      return faye.maxSessions;
    },
    forget: () => faye.restart(),
  };
  behave(cluster, () => upstream);
});
