import { eventually } from '@gw/kernel/testing';
import { type Cluster, startCluster } from './cluster.js';
import { Follower } from './follower.js';
import { faultsIn } from './history.js';
import { type LoadBalancerKind } from './load-balancer.js';

export interface RollingRestartOptions {
  readonly users: number;
  readonly loadBalancer: LoadBalancerKind;
  /** `SOCKET_ADMISSIONS_PER_S` of each gateway. */
  readonly admissionsPerSecond: number;
  /** Between two notifications of one user, in milliseconds. */
  readonly publishEveryMs: number;
  /** The part of the users whose clients ignore `drain`, from 0 to 1. Default 0. */
  readonly ignoring?: number;
  readonly drainTimeoutMs?: number;
  readonly progress?: (text: string) => void;
}

/** What was seen from outside while three gateways were restarted one after the other. */
export interface RollingRestart {
  readonly users: number;
  readonly published: number;
  readonly exitCodes: readonly (number | null)[];
  /** From SIGTERM to the end of the process, in milliseconds. */
  readonly drainMs: readonly number[];
  readonly reconnects: number;
  /** The most sockets that connected within any one second. */
  readonly peakPerSecond: number;
  /** What two gateways admit in a second. */
  readonly ratePerSecond: number;
  /** How often a socket was refused for want of room. */
  readonly busy: number;
  readonly gaps: number;
  readonly notRecovered: number;
  /** What is wrong with the history of any user. */
  readonly faults: readonly string[];
  /** Notifications that came twice with one cursor, and were dropped by it. */
  readonly repeats: number;
  /** Calls to the token endpoint, logins and handshakes with CometD since the first restart. */
  readonly tokenCalls: number;
  readonly handshakes: number;
  readonly sessionInits: number;
  /** The most CometD sessions that there were at once, of all users together. */
  readonly maxSessions: number;
  /** Without a socket, for each time anybody was: milliseconds. */
  readonly absenceMs: { readonly p50: number; readonly p99: number; readonly max: number };
  /** How connections ended and were refused, each with its number. */
  readonly ends: Readonly<Record<string, number>>;
}

const API = 'workspace';
const VOICE = '/workspace/v3/voice';
const SIGN_IN_AT_ONCE = 8;
const PATIENCE_MS = 120_000;
const SECOND_MS = 1_000;

export async function rollingRestart(options: RollingRestartOptions): Promise<RollingRestart> {
  const { users, loadBalancer, admissionsPerSecond, drainTimeoutMs = 25_000 } = options;
  const cluster = await startCluster({
    loadBalancer,
    simulator: { extraAgents: users },
    environment: {
      LOG_LEVEL: 'info',
      SOCKET_ADMISSIONS_PER_S: String(admissionsPerSecond),
      DRAIN_TIMEOUT_MS: String(drainTimeoutMs),
    },
  });
  const people = new Followers(cluster, options);
  try {
    return await restartAll(cluster, people, options);
  } catch (error) {
    throw new Error(`the rolling restart failed; ${cluster.report()}`, { cause: error });
  } finally {
    people.close();
    await cluster.close();
  }
}

async function restartAll(
  cluster: Cluster,
  people: Followers,
  { admissionsPerSecond, progress = () => {} }: RollingRestartOptions,
): Promise<RollingRestart> {
  await people.arrive();
  progress(`${people.followers.length} people follow`);
  const before = seenOf(cluster);
  people.publishOn();
  const exitCodes: (number | null)[] = [];
  const drainMs: number[] = [];
  for (const gateway of cluster.gateways) {
    const startedAt = performance.now();
    exitCodes.push(await gateway.terminate());
    drainMs.push(Math.round(performance.now() - startedAt));
    await gateway.restart();
    await people.allConnected();
    progress(`${gateway.name} was restarted; its drain took ${drainMs.at(-1)} ms`);
  }
  await people.stopPublishing();
  const after = seenOf(cluster);
  const { followers } = people;
  const absences = followers.flatMap((follower) => follower.absences);
  return {
    users: followers.length,
    published: people.published,
    exitCodes,
    drainMs,
    reconnects: absences.length,
    peakPerSecond: mostWithin(
      absences.map(({ to }) => to),
      SECOND_MS,
    ),
    ratePerSecond: 2 * admissionsPerSecond,
    busy: followers.flatMap(({ ends }) => ends.filter((end) => end === 'busy')).length,
    gaps: followers.flatMap(({ heard }) => heard.filter((item) => item === 'gap')).length,
    notRecovered: sum(followers.map(({ notRecovered }) => notRecovered)),
    faults: people.faults(),
    repeats: sum(followers.map(({ repeats }) => repeats)),
    tokenCalls: after.tokenCalls - before.tokenCalls,
    handshakes: after.handshakes - before.handshakes,
    sessionInits: after.sessionInits - before.sessionInits,
    maxSessions: after.maxSessions,
    absenceMs: percentiles(absences.map(({ from, to }) => to - from)),
    ends: counted(followers.flatMap(({ ends }) => ends)),
  };
}

/** The people, each with one page open, and what is published to them. */
class Followers {
  readonly followers: Follower[] = [];
  readonly #names: readonly string[];
  readonly #numbers: number[][];
  #publishing: NodeJS.Timeout | undefined;
  #next = 0;

  constructor(
    private readonly cluster: Cluster,
    private readonly options: RollingRestartOptions,
  ) {
    this.#names = Array.from({ length: options.users }, (_, index) => `user${index + 1}`);
    this.#numbers = this.#names.map(() => []);
  }

  get published(): number {
    return sum(this.#numbers.map(({ length }) => length));
  }

  /** Signs them in, some at a time, and waits until what is published arrives. */
  async arrive(): Promise<void> {
    const waiting = [...this.#names.entries()];
    const work = async () => {
      for (let entry = waiting.shift(); entry; entry = waiting.shift()) await this.#arrive(...entry);
    };
    await Promise.all(Array.from({ length: SIGN_IN_AT_ONCE }, work));
    for (const index of this.#names.keys()) this.#publish(index);
    await this.#allHeard();
  }

  /** To one after the other, so that each gets one in `publishEveryMs`. */
  publishOn(): void {
    const everyMs = 20;
    const each = (this.#names.length * everyMs) / this.options.publishEveryMs;
    let due = 0;
    this.#publishing = setInterval(() => {
      for (due += each; due >= 1; due -= 1) {
        this.#publish(this.#next);
        this.#next = (this.#next + 1) % this.#names.length;
      }
    }, everyMs);
  }

  async allConnected(): Promise<void> {
    await eventually(() => {
      const missing = this.followers.filter(({ socket }) => !socket.connected).length;
      if (missing > 0) throw new Error(`${missing} are not connected`);
    }, PATIENCE_MS);
  }

  async stopPublishing(): Promise<void> {
    clearInterval(this.#publishing);
    for (const index of this.#names.keys()) this.#publish(index);
    await this.#allHeard();
  }

  faults(): string[] {
    return this.followers.flatMap(({ story }, index) =>
      faultsIn(this.#numbers[index] ?? [], story).map((fault) => `${this.#names[index]}: ${fault}`),
    );
  }

  close(): void {
    clearInterval(this.#publishing);
    for (const follower of this.followers) follower.close();
  }

  async #arrive(index: number, name: string): Promise<void> {
    const { url } = this.cluster;
    const person = await this.cluster.signIn(name);
    const follower = new Follower({
      url,
      cookie: person.agent.cookieHeader(url),
      channels: [{ api: API, channel: VOICE }],
      isObliging: index >= (this.options.ignoring ?? 0) * this.#names.length,
    });
    this.followers[index] = follower;
    await eventually(() => {
      const { subscriptions } = this.cluster.simulator.control.seen(name).apis[API];
      if (!follower.socket.connected || !subscriptions.includes(VOICE))
        throw new Error(`${name} is not there`);
    }, PATIENCE_MS);
  }

  #publish(index: number): void {
    const numbers = this.#numbers[index]!;
    numbers.push(numbers.length);
    this.cluster.simulator.control.publish(this.#names[index]!, API, VOICE, numbers.length - 1);
  }

  #allHeard(): Promise<void> {
    return eventually(() => {
      const behind = this.followers.filter(({ heard }, index) => {
        return heard.findLast((item) => item !== 'gap') !== this.#numbers[index]!.length - 1;
      });
      if (behind.length > 0) throw new Error(`${behind.length} have not heard the last`);
    }, PATIENCE_MS);
  }
}

function seenOf({ simulator }: Cluster) {
  const { tokens, apis } = simulator.control.seenTotals();
  const { authorizationCode, refreshToken, password, refused } = tokens;
  const { handshakes, sessionInits, maxSessions } = apis[API];
  return {
    tokenCalls: authorizationCode + refreshToken + password + refused,
    handshakes,
    sessionInits,
    maxSessions,
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

/** The most of `times` that lie within any `ms`. */
function mostWithin(times: readonly number[], ms: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  let [first, most] = [0, 0];
  for (const [index, time] of sorted.entries()) {
    while (time - sorted[first]! >= ms) first += 1;
    most = Math.max(most, index - first + 1);
  }
  return most;
}

function percentiles(values: readonly number[]): RollingRestart['absenceMs'] {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.ceil(share * sorted.length) - 1] ?? 0);
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}

function counted(texts: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const text of texts) counts[text] = (counts[text] ?? 0) + 1;
  return counts;
}
