import { randomBytes } from 'node:crypto';
import { type Simulator, type SimulatorOptions, startSimulator } from '@gw/simulator';
import { freePort } from './free-port.js';
import { type Environment, GatewayProcess } from './gateway-processes.js';
import { type LoadBalancer, type LoadBalancerKind, startLoadBalancer } from './load-balancer.js';
import { Person } from './person.js';
import { type RedisServer, startRedis } from './redis-server.js';

export interface ClusterOptions {
  /** Default 3. */
  readonly gateways?: number;
  /** Absent: none, and the URL is that of the first gateway. */
  readonly loadBalancer?: LoadBalancerKind;
  /** A `REDIS_URL`, or `embedded`: each gateway keeps its state to itself. Default: a server of the cluster's own. */
  readonly redis?: string;
  readonly simulator?: SimulatorOptions;
  /** Beside what the cluster sets itself; for all gateways, or for the one of this index. */
  readonly environment?: Environment | ((gateway: number) => Environment);
}

/** Gateways as processes behind a load balancer, with a Redis, and a simulator in this process. */
export interface Cluster {
  /** `PUBLIC_URL`: where browsers go. */
  readonly url: string;
  readonly simulator: Simulator;
  /** Only when it is the cluster's own. */
  readonly redis: RedisServer | undefined;
  readonly gateways: readonly GatewayProcess[];
  readonly loadBalancer: LoadBalancer | undefined;
  /** A person with a browser of their own; through one gateway where it is given. See `Person.through`. */
  person(userName: string, through?: GatewayProcess): Person;
  /** The same, signed in. */
  signIn(userName: string, through?: GatewayProcess): Promise<Person>;
  /** The end of every log, for people. */
  report(): string;
  /** Kills the gateways; closes people's sockets too. */
  close(): Promise<void>;
}

const REPORTED_CHARACTERS = 5_000;

export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const closing: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const step of closing.splice(0).toReversed()) await step();
  };
  try {
    return await start(options, closing, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function start(
  options: ClusterOptions,
  closing: (() => Promise<void>)[],
  close: () => Promise<void>,
): Promise<Cluster> {
  const simulator = await startSimulator({ eventDelayMs: 10, ...options.simulator });
  closing.push(simulator.close);
  const redis = options.redis === undefined ? await startRedis() : undefined;
  if (redis) closing.push(() => redis.close());
  // All at once, so that they differ.
  const [publicPort, ...ports] = await freePorts((options.gateways ?? 3) + 1);
  const kind = options.loadBalancer;
  const url = `http://localhost:${kind ? publicPort : ports[0]}`;
  const state = sharedState(options.redis ?? redis?.url);
  const wiring = { ...state, PUBLIC_URL: url, ENGAGE_AUTH_URL: simulator.url };
  const gateways = await startGateways(ports, wiring, options.environment);
  closing.push(() => closeAll(gateways));
  const loadBalancer = kind && (await startLoadBalancer(kind, publicPort, ports));
  if (loadBalancer) closing.push(() => loadBalancer.close());
  const people = new People(url);
  closing.push(() => people.close());
  return {
    url,
    simulator,
    redis,
    gateways,
    loadBalancer,
    person: (userName, through) => people.person(userName, through),
    signIn: (userName, through) => people.signIn(userName, through),
    report: () => {
      const logs = gateways.map((gateway) => gateway.report());
      if (loadBalancer) logs.push(`--- ${loadBalancer.kind}`, loadBalancer.log().slice(-REPORTED_CHARACTERS));
      return logs.join('\n');
    },
    close,
  };
}

class People {
  readonly #all: Person[] = [];

  constructor(private readonly url: string) {}

  person(userName: string, through?: GatewayProcess): Person {
    const somebody = new Person(this.url, userName);
    this.#all.push(somebody);
    return through ? somebody.through(through.url) : somebody;
  }

  async signIn(userName: string, through?: GatewayProcess): Promise<Person> {
    const somebody = this.person(userName, through);
    await somebody.signIn();
    return somebody;
  }

  async close(): Promise<void> {
    for (const person of this.#all) person.close();
  }
}

async function freePorts(count: number): Promise<[number, ...number[]]> {
  const ports = await Promise.all(Array.from({ length: count }, freePort));
  return ports as [number, ...number[]];
}

function sharedState(redisUrl: string | undefined): Environment {
  if (redisUrl === undefined || redisUrl === 'embedded') return {};
  return {
    REDIS_URL: redisUrl,
    REDIS_PREFIX: `test-${randomBytes(4).toString('hex')}`,
    SESSION_KEYS: `k1:${randomBytes(32).toString('base64')}`,
  };
}

async function startGateways(
  ports: readonly number[],
  wiring: Environment,
  more: ClusterOptions['environment'],
): Promise<GatewayProcess[]> {
  const started = await Promise.allSettled(
    ports.map((port, index) => {
      const own = typeof more === 'function' ? more(index) : more;
      return GatewayProcess.start(`gateway-${index + 1}`, port, {
        CONSOLE_ENABLED: 'false',
        ...wiring,
        ...own,
      });
    }),
  );
  const gateways = started.filter((one) => one.status === 'fulfilled').map(({ value }) => value);
  const failed = started.find((one) => one.status === 'rejected');
  if (!failed) return gateways;
  await closeAll(gateways);
  throw failed.reason;
}

async function closeAll(gateways: readonly GatewayProcess[]): Promise<void> {
  await Promise.all(gateways.map((gateway) => gateway.close()));
}
