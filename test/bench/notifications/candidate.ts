import { type BenchProcess } from '../measuring/bench-process.js';
import { medianOf } from '../measuring/compare.js';
import { pause } from '../measuring/now.js';
import { type RedisProcess, type RedisShare, shareOf } from '../measuring/redis-process.js';
import { quietShare, type Sample } from '../measuring/rounds.js';
import type { PublishRequest } from '../platform/platform.js';
import { type Latencies } from './received.js';

/** Something that brings notifications to clients. */
export interface Candidate {
  /** Whose CPU time counts. */
  readonly processes: readonly BenchProcess<object>[];
  /** Who hears the notifications. */
  readonly clients: BenchProcess<Hearing>;
  /** Resolves with how many were sent. */
  readonly publish: (run: number) => Promise<number>;
  /** Where it has its state. */
  readonly redis?: RedisProcess | undefined;
}

interface Hearing {
  readonly begin: (run: number) => void;
  readonly result: () => Latencies;
}

export interface Measured extends Latencies {
  readonly sent: number;
  /** Of all its processes, in microseconds a notification. */
  readonly cpuUs: number;
  /** What Redis did for a notification. */
  readonly redis: RedisShare | undefined;
}

/** What is still under way when the last was sent. */
const SETTLE_MS = 500;

let runs = 0;

/** From the publish to the client's handler. */
export async function runCandidate({ processes, clients, publish, redis }: Candidate): Promise<Measured> {
  const run = (runs += 1);
  await clients.call('begin', run);
  const before = { cpuMs: await cpuMsOf(processes), redis: await redis?.work() };
  const sent = await publish(run);
  await pause(SETTLE_MS);
  const after = { cpuMs: await cpuMsOf(processes), redis: await redis?.work() };
  return {
    ...(await clients.call('result')),
    sent,
    cpuUs: ((after.cpuMs - before.cpuMs) * 1_000) / sent,
    redis: before.redis && after.redis && shareOf(before.redis, after.redis, sent),
  };
}

async function cpuMsOf(processes: Candidate['processes']): Promise<number> {
  const each = await Promise.all(processes.map((process) => process.probe('cpuMs')));
  return each.reduce((sum, ms) => sum + ms, 0);
}

export const publishTo =
  (
    publisher: BenchProcess<{ readonly publish: (request: PublishRequest) => Promise<number> }>,
    load: Omit<PublishRequest, 'run'>,
  ) =>
  (run: number): Promise<number> =>
    publisher.call('publish', { ...load, run });

export const p50 = (result: Pick<Measured, 'p50Ms'>): number => result.p50Ms;
export const p99 = (result: Pick<Measured, 'p99Ms'>): number => result.p99Ms;
export const cpu = (result: Measured): number => result.cpuUs;
export const redisCommands = (result: Measured): number => result.redis?.commands ?? 0;

export function rowOf(name: string, samples: readonly Sample<Measured>[]): Record<string, string> {
  const redis = samples.at(-1)?.result.redis;
  const ofRedis = (figure: (share: RedisShare) => number, digits: number) =>
    redis ? medianOf(samples, ({ redis: share }) => (share ? figure(share) : 0)).toFixed(digits) : '–';
  return {
    candidate: name,
    'p50 ms': medianOf(samples, p50).toFixed(2),
    'p99 ms': medianOf(samples, p99).toFixed(1),
    'CPU µs': medianOf(samples, cpu).toFixed(0),
    'Redis CPU µs': ofRedis(({ cpuUs }) => cpuUs, 0),
    'Redis scripts': ofRedis(({ scripts }) => scripts, 2),
    'Redis commands': ofRedis(({ commands }) => commands, 2),
    lost: String(samples.reduce((sum, { result }) => sum + result.sent - result.received, 0)),
    quiet: quietShare(samples),
  };
}

/** Which commands these are. */
export function commandsNote(name: string, samples: readonly Sample<Measured>[]): string {
  const shares = samples.at(-1)?.result.redis?.byCommand ?? [];
  const shown = shares
    .filter(([, share]) => share >= 0.005)
    .map(([command, share]) => `${command} ${share.toFixed(2)}`);
  return `Redis for a notification, ${name}: ${shown.join(', ')}.`;
}
