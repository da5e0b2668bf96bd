import { eventually } from '@gw/kernel/testing';
import { Redis } from 'ioredis';
import { type GatewayProcess } from '../support/gateway-processes.js';
import { judge, type Verdict } from '../support/checker/verdict.js';
import { type UserHistory } from '../support/checker/user-history.js';
import { type Run } from '../support/checker/verdict-text.js';
import { deploy, type Deployment } from './deployment.js';
import { machineFault } from './faults/machine-faults.js';
import { machineFaults, userFaults } from './faults/schedule.js';
import { userFault } from './faults/user-faults.js';
import { type MemorySlope, memorySlopeIn } from './measuring/memory.js';
import { type Point } from './measuring/statistics.js';
import { measureTakeover, ownersIn, type TakeoverFigures } from './measuring/takeovers.js';
import { type SoakOptions } from './options.js';
import { Random } from './random.js';
import { Worker } from './worker.js';

export interface SoakResult {
  readonly verdict: Verdict;
  readonly run: Run;
  readonly takeovers: readonly TakeoverFigures[];
  /** When sockets came back, ms since the epoch. */
  readonly reconnects: readonly number[];
  /** What ended the run before its time. */
  readonly failure: Error | undefined;
  /** Logins that were needed although nobody had logged out. */
  readonly unwantedLogins: number;
  readonly memory: readonly MemorySlope[];
  /** Keys in Redis: minutes since the beginning, and how many. */
  readonly keys: readonly Point[];
  /** Of whoever the promise was broken to. */
  readonly histories: readonly UserHistory[];
  /** By gateway, over all restarts. */
  readonly logs: Readonly<Record<string, string>>;
}

const SIGNING_IN_AT_ONCE = 20;
const LOOK_EVERY_MS = 100;
const LOOK_AFTER_MS = 1_000;
const COUNT_KEYS_MS = 5_000;
const WELL_WITHIN_MS = 120_000;
/** What a revocation may take; longer while a machine is frozen or cut off, which cannot hear of it. */
const REVOKED_WITHIN_MS = 1_000;
const REVOKED_WITHIN_TROUBLE_MS = 20_000;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** @param tell what happens, while it happens */
export async function soak(options: SoakOptions, tell: (line: string) => void): Promise<SoakResult> {
  const deployment = await deploy(options);
  const soaking = new Soak(options, deployment, tell);
  try {
    return await soaking.run();
  } finally {
    soaking.close();
    await deployment.close();
  }
}

class Soak {
  readonly #workers: Worker[];
  readonly #faults: { at: number; what: string }[] = [];
  readonly #troubles: { from: number; to: number }[] = [];
  readonly #takeovers: TakeoverFigures[] = [];
  readonly #keys: Point[] = [];
  readonly #timers: NodeJS.Timeout[] = [];

  constructor(
    private readonly options: SoakOptions,
    private readonly deployment: Deployment,
    private readonly tell: (line: string) => void,
  ) {
    const { cluster } = deployment;
    const random = new Random(options.seed);
    const [first, ...others] = cluster.gateways.map(({ url }) => url);
    /** Where the first gateway was, each turns to another one of the rest than the one before. */
    const addressesOf = (index: number): [string, ...string[]] => {
      if (!options.atOneGateway) return [cluster.url];
      const turn = index % others.length;
      const elsewhere = [...others.slice(turn), ...others.slice(0, turn)] as [string, ...string[]];
      return index < options.users ? [first!, ...elsewhere] : elsewhere;
    };
    this.#workers = Array.from(
      { length: options.users + options.others },
      (_, index) =>
        new Worker({
          cluster,
          userName: `user${index + 1}`,
          tabs: options.tabs,
          periodMs: options.periodMs,
          addresses: addressesOf(index),
          random,
        }),
    );
  }

  async run(): Promise<SoakResult> {
    await this.#begin();
    const { kills } = this.options;
    const failure = await (kills === undefined ? this.#strike() : this.#killAll(kills)).then(
      () => undefined,
      // What was heard until then is judged all the same.
      (error: unknown) => (error instanceof Error ? error : new Error('unknown', { cause: error })),
    );
    if (failure) this.tell(`the run ends before its time: ${failure.message}`);
    await this.#end();
    const { deployment } = this;
    const histories = this.#workers.map((worker) => worker.history(this.#troubles));
    const verdict = judge(histories);
    const wronged = new Set(verdict.breaches.map(({ user }) => user));
    return {
      verdict,
      run: { seed: this.options.seed, startedAt: deployment.startedAt, faults: this.#faults },
      takeovers: this.#takeovers,
      reconnects: this.#workers.flatMap(({ clients }) =>
        clients.flatMap(({ events }) =>
          events.flatMap((event) => (event.kind === 'ready' && !event.isFresh ? [event.at] : [])),
        ),
      ),
      failure,
      unwantedLogins: this.#workers.reduce((sum, { unwantedLogins }) => sum + unwantedLogins, 0),
      memory: deployment.cluster.gateways.flatMap(
        ({ name }, index) => memorySlopeIn(deployment.memoryFile(index), name) ?? [],
      ),
      keys: this.#keys,
      histories: histories.filter(({ user }) => wronged.has(user)),
      logs: Object.fromEntries(deployment.cluster.gateways.map((gateway) => [gateway.name, gateway.log()])),
    };
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
    for (const worker of this.#workers) worker.close();
  }

  async #begin(): Promise<void> {
    const left = [...this.#workers];
    const signIn = async () => {
      for (let worker = left.shift(); worker; worker = left.shift()) await worker.begin();
    };
    await Promise.all(Array.from({ length: SIGNING_IN_AT_ONCE }, signIn));
    await this.#untilWell('is connected', ({ open }) => open.every(({ isConnected }) => isConnected));
    await this.#beginToPublish();
    this.tell(`${this.#workers.length} users are at work`);
    this.#every(LOOK_AFTER_MS, () => {
      for (const worker of this.#workers) worker.lookAfter().catch(() => {});
    });
    this.#every(COUNT_KEYS_MS, () => void this.#countKeys().catch(() => {}));
  }

  /** One after the other within a period: people do not keep time with one another. */
  async #beginToPublish(): Promise<void> {
    const { periodMs } = this.options;
    const begin = async (worker: Worker, index: number) => {
      await pause((periodMs * index) / this.#workers.length);
      worker.publish();
    };
    await Promise.all(this.#workers.map(begin));
  }

  /** Faults of machines and faults of users, each by their own schedule. */
  async #strike(): Promise<void> {
    const until = Date.now() + this.options.minutes * 60_000;
    await Promise.all([this.#strikeMachines(until), this.#strikeUsers(until)]);
  }

  async #strikeMachines(until: number): Promise<void> {
    const { seed, faults, spareFirst } = this.options;
    for (const scheduled of machineFaults(seed, faults)) {
      await pause(Math.min(scheduled.afterMs, until - Date.now()));
      if (Date.now() >= until) return;
      const fault = machineFault(scheduled, this.deployment, spareFirst);
      if (!fault) continue;
      const trouble = { from: Date.now(), to: Infinity };
      this.#troubles.push(trouble);
      this.#note(fault.what);
      if (fault.kills) await this.#killed(fault.kills, fault.strike);
      else await fault.strike();
      trouble.to = Date.now();
    }
  }

  async #strikeUsers(until: number): Promise<void> {
    const { seed, faults } = this.options;
    for (const scheduled of userFaults(seed, faults)) {
      await pause(Math.min(scheduled.afterMs, until - Date.now()));
      if (Date.now() >= until) return;
      const { simulator } = this.deployment.cluster;
      const fault = userFault(scheduled, this.#workers, simulator, () => this.#revokedWithinMs());
      this.#note(fault.what);
      await fault.strike();
    }
  }

  async #killAll(kills: number): Promise<void> {
    const random = new Random(this.options.seed);
    const { gateways } = this.deployment.cluster;
    const restarting = new Set<Promise<void>>();
    for (let killed = 1; killed <= kills; killed += 1) {
      await pause(random.between(0, 1_000));
      // Two survive, whatever happens.
      while (restarting.size > Math.max(gateways.length - 3, 0)) await Promise.race(restarting);
      const gateway = this.options.atOneGateway ? gateways[0]! : await this.#ownerOfSomebody(random);
      this.#note(`kill -9 ${gateway.name} (${killed} of ${kills})`);
      const trouble = { from: Date.now(), to: Infinity };
      this.#troubles.push(trouble);
      await this.#killed(gateway, () => gateway.kill());
      // Not before: a start takes more than the takeover that was measured.
      const restarted = gateway.restart();
      restarting.add(restarted);
      restarted.then(
        () => restarting.delete(restarted),
        // Whoever waits for it is told.
        () => {},
      );
      await this.#untilWell('is connected', ({ open }) => open.every(({ isConnected }) => isConnected));
      trouble.to = Date.now();
    }
    await Promise.all(restarting);
  }

  async #ownerOfSomebody(random: Random): Promise<GatewayProcess> {
    const owners = await ownersIn(await this.deployment.redisPort());
    const name = owners.get(random.one(this.#workers).userName);
    const { gateways } = this.deployment.cluster;
    return gateways.find((gateway) => gateway.name === name) ?? random.one(gateways);
  }

  async #killed(gateway: GatewayProcess, strike: () => Promise<void>): Promise<void> {
    let striking: Promise<void> | undefined;
    const kill = () => (striking = strike());
    const figures = await measureTakeover(gateway, this.deployment, this.#workers, kill);
    await striking;
    this.#takeovers.push(figures);
    const slowest = figures.toFirst.length === 0 ? '–' : `${Math.max(...figures.toFirst)} ms`;
    this.tell(`  it owned ${figures.owned} users; all heard again within ${slowest}`);
  }

  /** Nothing is wrong any more: everybody must hear the last number. */
  async #end(): Promise<void> {
    this.deployment.cluster.simulator.control.faults.clear();
    const next = new Map(this.#workers.map((worker) => [worker, worker.stream.next()]));
    await this.#untilWell('hears what is published', (worker) => worker.hasHeardSince(next.get(worker)!));
    const last = new Map(this.#workers.map((worker) => [worker, worker.stream.stop()]));
    await this.#untilWell('has heard the last', (worker) => worker.hasHeardSince(last.get(worker)!));
  }

  /** Gives up in the end: the checker tells what is wrong then. */
  async #untilWell(what: string, isWell: (worker: Worker) => boolean): Promise<void> {
    let left = this.#workers;
    const look = async () => {
      left = left.filter((worker) => !isWell(worker));
      if (left.length === 0) return;
      await pause(LOOK_EVERY_MS);
      throw new Error(`not yet: ${what}`);
    };
    await eventually(look, WELL_WITHIN_MS).catch(() => {
      this.tell(
        `of nobody else it is true that it ${what}: ${left.map(({ userName }) => userName).join(', ')}`,
      );
    });
  }

  #revokedWithinMs(): number {
    const isTroubled = this.#troubles.some(({ to }) => to > Date.now() - 5_000);
    return isTroubled ? REVOKED_WITHIN_TROUBLE_MS : REVOKED_WITHIN_MS;
  }

  async #countKeys(): Promise<void> {
    const port = await this.deployment.redisPort();
    const client = new Redis({ port, host: '127.0.0.1', retryStrategy: null, disableClientInfo: true });
    client.on('error', () => {});
    const deadline = setTimeout(() => client.disconnect(), COUNT_KEYS_MS / 2);
    try {
      const keys = await client.dbsize();
      this.#keys.push({ x: (Date.now() - this.deployment.startedAt) / 60_000, y: keys });
    } finally {
      clearTimeout(deadline);
      client.disconnect();
    }
  }

  #every(ms: number, act: () => void): void {
    this.#timers.push(setInterval(act, ms));
  }

  #note(what: string): void {
    const at = Date.now();
    this.#faults.push({ at, what });
    this.tell(`${((at - this.deployment.startedAt) / 1_000).toFixed(1).padStart(7)} s  ${what}`);
  }
}
