import { newSharedState, startGateway } from '../gateway/gateway-process.js';
import { type BenchProcess } from '../measuring/bench-process.js';
import { ratioOf } from '../measuring/compare.js';
import { RedisProcess } from '../measuring/redis-process.js';
import { type Report } from '../measuring/report.js';
import { inRounds, type Samples } from '../measuring/rounds.js';
import {
  type Candidate,
  cpu,
  type Measured,
  publishTo,
  redisCommands,
  rowOf,
  runCandidate,
} from '../notifications/candidate.js';
import { CHANNELS, loadOf, socketClients, startPlatform, USERS } from '../notifications/notifications.js';
import type { Platform } from '../platform/platform.js';

const CASES = {
  '1 instance, a quarter': { instances: 1, users: USERS / 4 },
  '1 instance': { instances: 1, users: USERS },
  '2 instances': { instances: 2, users: USERS },
  '4 instances': { instances: 4, users: USERS },
} as const;
type Name = keyof typeof CASES;
type Case = (typeof CASES)[Name];
const NAMES = Object.keys(CASES) as Name[];

/** "Flat": what machine and heartbeats add may be no more than this. */
const FLAT = 1.2;

/** So that also each of four has run its code as often as it takes to be optimised: it hears a quarter of a round. */
const WARM_UP = 6;

/** More and more instances, each with the same load, and with a share of the same load: what one more instance costs. */
export async function measureInstances(rounds: number): Promise<Report[]> {
  const platform = startPlatform(NAMES.length * USERS);
  const redis = await RedisProcess.start();
  const candidates = new Map<Name, Candidate>();
  for (const [index, name] of NAMES.entries()) {
    candidates.set(name, await start(CASES[name], platform, redis, 1 + index * USERS));
  }
  const measure = async (name: Name) => {
    const candidate = candidates.get(name);
    if (!candidate) throw new Error(`${name} were not started`);
    return runCandidate(candidate);
  };
  await inRounds(WARM_UP, NAMES, measure, 'as they come');
  return [reportOf(await inRounds(rounds, NAMES, measure))];
}

/** Users are spread evenly; each is owned where the socket is. */
async function start(
  { instances, users }: Case,
  platform: BenchProcess<Platform>,
  redis: RedisProcess,
  from: number,
): Promise<Candidate> {
  const state = newSharedState(redis.url);
  const clients = socketClients(`clients of ${instances}`);
  const processes: BenchProcess<object>[] = [];
  const share = users / instances;
  for (let index = 0; index < instances; index += 1) {
    const options = { authUrl: await platform.ready(), apis: ['workspace'], state };
    const { process, url } = await startGateway(options);
    processes.push(process);
    const first = from + index * share;
    await clients.call('connect', { from: first, to: first + share, url, channels: CHANNELS });
  }
  return { processes, clients, publish: publishTo(platform, loadOf(from, users)), redis };
}

function reportOf(samples: Samples<Name, Measured>): Report {
  const {
    '1 instance, a quarter': quarter,
    '1 instance': one,
    '2 instances': two,
    '4 instances': four,
  } = samples;
  const flat = { atMost: FLAT };
  return {
    title: `Instances: ${USERS} users × 1/s on 1, 2 and 4, and a quarter of them on 1 (all on one core)`,
    notes: [
      'CPU µs is the sum over the instances for a notification. Flat: an instance among four costs what it costs alone, with the same users.',
      'An instance that has less to do needs more for each notification, whether others are there or not: the ratios of the same load, spread.',
      'The idle gateways of the other rows use the same Redis: their heartbeats count in every row.',
    ],
    table: NAMES.map((name) => rowOf(name, samples[name])),
    ratios: [
      { what: 'the same load, spread: 2 instances ÷ 1, CPU µs/notification', ratio: ratioOf(two, one, cpu) },
      {
        what: 'one instance: a quarter of the users ÷ all, CPU µs/notification',
        ratio: ratioOf(quarter, one, cpu),
      },
    ],
    goals: [
      {
        what: 'the same load, spread: 4 instances ÷ 1, CPU µs/notification',
        ratio: ratioOf(four, one, cpu),
        goal: flat,
      },
      {
        what: 'the same load each: 4 instances ÷ 1, CPU µs/notification',
        ratio: ratioOf(four, quarter, cpu),
        goal: flat,
      },
      {
        what: 'the same load, spread: 4 instances ÷ 1, Redis commands/notification',
        ratio: ratioOf(four, one, redisCommands),
        goal: flat,
      },
    ],
  };
}
