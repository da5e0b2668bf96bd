import { Redis } from 'ioredis';
import { type GatewayProcess } from '../../support/gateway-processes.js';
import { type Deployment } from '../deployment.js';
import { keysIn } from '../../support/redis-contents.js';
import { API, type Worker } from '../worker.js';
import { cpuMsOf } from './cpu.js';

/** What the death of one gateway cost. Times in milliseconds. */
export interface TakeoverFigures {
  readonly gateway: string;
  /** Users whose CometD session it held. */
  readonly owned: number;
  /** Of each of them: from the kill to the next poll of a CometD session, of the same one or of one made anew. */
  readonly toPoll: readonly number[];
  /** Of each of them: from the kill to the first notification that was published after it. */
  readonly toFirst: readonly number[];
  /** Of each tab of theirs, and of each tab that was connected to it: by how much its latest notification was late. */
  readonly pauses: readonly number[];
  /** CPU time above what was taken before, for each user taken over. Absent: nobody was. */
  readonly cpuMsPerUser: CpuShares | undefined;
  /** New CometD sessions although the old one had been silent for less than the platform's patience. */
  readonly needlessHandshakes: number;
  /** New CometD sessions after the platform's patience had ended. */
  readonly lateHandshakes: number;
  /** Users who heard nothing within the time that they were waited for. */
  readonly silent: readonly string[];
}

/** CPU time in milliseconds, by who took it. */
export interface CpuShares {
  readonly survivors: number;
  readonly redis: number;
  /** This process: the platform and everybody's clients. */
  readonly surroundings: number;
}

interface CpuReading {
  readonly at: number;
  readonly cpuMs: CpuShares;
}

const BASELINE_MS = 1_000;
const HEARD_AGAIN_WITHIN_MS = 40_000;
const LOOK_EVERY_MS = 50;
/** `maxInterval` of the simulator. */
const PATIENCE_OF_THE_PLATFORM_MS = 10_000;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Watches what a kill does to users; `kill` resolves when the process has ended. */
export async function measureTakeover(
  gateway: GatewayProcess,
  deployment: Deployment,
  workers: readonly Worker[],
  kill: () => Promise<unknown>,
): Promise<TakeoverFigures> {
  const survivors = await readyOnes(deployment.cluster.gateways.filter((other) => other !== gateway));
  const meter = new CpuMeter(survivors, deployment);
  await pause(BASELINE_MS);
  meter.endBaseline();
  const owners = await ownersIn(await deployment.redisPort());
  const owned = workers.filter(({ userName }) => owners.get(userName) === gateway.name);
  const handshakes = new Map(workers.map((worker) => [worker, worker.seen.apis.workspace.handshakes]));
  const killedAt = Date.now();
  meter.begin();
  void kill();
  const silent = await untilHeard(owned, killedAt);
  const spent = meter.spent();
  const renewed = owned.filter((worker) => worker.seen.apis.workspace.handshakes > handshakes.get(worker)!);
  const late = renewed.filter((worker) => wasSilentFor(worker, killedAt) > PATIENCE_OF_THE_PLATFORM_MS);
  return {
    gateway: gateway.name,
    owned: owned.length,
    toPoll: owned.flatMap((worker) => firstPollAfter(worker, killedAt) ?? []),
    toFirst: owned.flatMap((worker) => firstAfter(worker, killedAt) ?? []),
    pauses: workers.flatMap((worker) => pausesOf(worker, killedAt, owned.includes(worker))),
    cpuMsPerUser: owned.length === 0 ? undefined : mapShares(spent, (ms) => ms / owned.length),
    needlessHandshakes: renewed.length - late.length,
    lateHandshakes: late.length,
    silent: silent.map(({ userName }) => userName),
  };
}

const mapShares = (
  { survivors, redis, surroundings }: CpuShares,
  map: (ms: number, of: keyof CpuShares) => number,
): CpuShares => ({
  survivors: map(survivors, 'survivors'),
  redis: map(redis, 'redis'),
  surroundings: map(surroundings, 'surroundings'),
});

/** What a takeover takes beyond what would have been taken without it. */
class CpuMeter {
  readonly #first: CpuReading;
  #baseline: CpuReading;
  #start: CpuReading;

  constructor(
    private readonly survivors: readonly GatewayProcess[],
    private readonly deployment: Deployment,
  ) {
    this.#first = this.#baseline = this.#start = this.#reading();
  }

  endBaseline(): void {
    this.#baseline = this.#reading();
  }

  begin(): void {
    this.#start = this.#reading();
  }

  spent(): CpuShares {
    const [first, baseline, start, now] = [this.#first, this.#baseline, this.#start, this.#reading()];
    const share = (now.at - start.at) / (baseline.at - first.at);
    return mapShares(
      now.cpuMs,
      (ms, of) => ms - start.cpuMs[of] - share * (baseline.cpuMs[of] - first.cpuMs[of]),
    );
  }

  #reading(): CpuReading {
    const sum = (pids: readonly number[]) => pids.reduce((total, pid) => total + cpuMsOf(pid), 0);
    const cpuMs = {
      survivors: sum(this.survivors.map(({ pid }) => pid)),
      redis: sum(this.deployment.redisPids()),
      surroundings: cpuMsOf(process.pid),
    };
    return { at: Date.now(), cpuMs };
  }
}

/** One that has just been started takes more than all it will ever take over. */
async function readyOnes(gateways: readonly GatewayProcess[]): Promise<GatewayProcess[]> {
  const statuses = await Promise.all(gateways.map((gateway) => gateway.readiness()));
  return gateways.filter((_, index) => statuses[index] === 200);
}

/** By user: the name of the gateway that has the lease of the CometD session, as Redis on this port says. */
export async function ownersIn(port: number): Promise<ReadonlyMap<string, string>> {
  const client = new Redis({ port, host: '127.0.0.1' });
  const owners = new Map<string, string>();
  try {
    for (const key of await keysIn(client, '*{u:*:leases')) {
      const user = /\{u:.*%5C(.+)\}/u.exec(key)?.[1];
      // Behind the configured name is something random, of that run of it.
      const owner = /^\d+ (.+)-[0-9a-f]+$/u.exec((await client.hget(key, API)) ?? '')?.[1];
      if (user !== undefined && owner !== undefined) owners.set(user, owner);
    }
    return owners;
  } finally {
    client.disconnect();
  }
}

/** Resolves with those who did not hear anything newer than `at`. */
async function untilHeard(workers: readonly Worker[], at: number): Promise<Worker[]> {
  let left = [...workers];
  for (const deadline = at + HEARD_AGAIN_WITHIN_MS; Date.now() < deadline && left.length > 0;) {
    await pause(LOOK_EVERY_MS);
    left = left.filter((worker) => {
      const first = numbersAfter(worker, at);
      return (
        worker.open.length > 0 && !worker.open.every(({ heardAt }) => first.some((one) => heardAt.has(one)))
      );
    });
  }
  return left;
}

function numbersAfter({ stream }: Worker, at: number): number[] {
  const index = stream.log.findLastIndex((one) => one.at <= at);
  return stream.log.slice(index + 1).map(({ number }) => number);
}

function firstAfter(worker: Worker, at: number): number | undefined {
  const numbers = numbersAfter(worker, at);
  const times = worker.open.flatMap(({ heardAt }) => numbers.flatMap((number) => heardAt.get(number) ?? []));
  return times.length === 0 ? undefined : Math.min(...times) - at;
}

/** Of a user whom it does not own, only a tab that lost its socket has paused. */
function pausesOf({ stream, open }: Worker, killedAt: number, isOwned: boolean): number[] {
  const since = stream.log.filter(({ at }) => at > killedAt - BASELINE_MS);
  return open.flatMap(({ heardAt, events }) => {
    const lostSocket = events.some(({ kind, at }) => kind === 'closed' && at >= killedAt);
    if (!isOwned && !lostSocket) return [];
    const delays = since.flatMap(({ number, at }) => {
      const heard = heardAt.get(number);
      return heard === undefined || heard < killedAt ? [] : [heard - at];
    });
    return delays.length === 0 ? [] : [Math.max(...delays)];
  });
}

/** Of a session that is gone on with, the platform sees who it was before; every poll has its acknowledgement. */
function firstPollAfter({ seen }: Worker, killedAt: number): number | undefined {
  const { acks, polls } = seen.apis.workspace;
  const times = [...acks.map(({ at }) => at), ...polls.map(({ firstAt }) => firstAt)];
  const after = times.filter((at) => at > killedAt);
  return after.length === 0 ? undefined : Math.min(...after) - killedAt;
}

/** From the kill to the first poll of the session that followed. */
function wasSilentFor({ seen }: Worker, killedAt: number): number {
  const next = seen.apis.workspace.polls.find(({ firstAt }) => firstAt > killedAt);
  return next ? next.firstAt - killedAt : Infinity;
}
