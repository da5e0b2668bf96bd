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

const COUNTS = { '1 instance': 1, '2 instances': 2, '4 instances': 4 } as const;
type Name = keyof typeof COUNTS;
const NAMES = Object.keys(COUNTS) as Name[];

/** "Flat": what machine and heartbeats add may be no more than this. */
const FLAT = 1.2;

/** So that also each of four has run its code as often as it takes to be optimised: it hears a quarter of a round. */
const WARM_UP = 6;

/** The same users and notifications on more and more instances: what one more instance costs. */
export async function measureInstances(rounds: number): Promise<Report[]> {
  const platform = startPlatform(NAMES.length * USERS);
  const redis = await RedisProcess.start();
  const candidates = new Map<Name, Candidate>();
  for (const [index, name] of NAMES.entries()) {
    candidates.set(name, await start(COUNTS[name], platform, redis, 1 + index * USERS));
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
  count: number,
  platform: BenchProcess<Platform>,
  redis: RedisProcess,
  from: number,
): Promise<Candidate> {
  const state = newSharedState(redis.url);
  const clients = socketClients(`clients of ${count}`);
  const processes: BenchProcess<object>[] = [];
  const share = USERS / count;
  for (let index = 0; index < count; index += 1) {
    const options = { authUrl: await platform.ready(), apis: ['workspace'], state };
    const { process, url } = await startGateway(options);
    processes.push(process);
    const first = from + index * share;
    await clients.call('connect', { from: first, to: first + share, url, channels: CHANNELS });
  }
  return { processes, clients, publish: publishTo(platform, loadOf(from)), redis };
}

function reportOf(samples: Samples<Name, Measured>): Report {
  const { '1 instance': one, '2 instances': two, '4 instances': four } = samples;
  const flat = { atMost: FLAT };
  return {
    title: `The same load, ${USERS} users × 1/s, on 1, 2 and 4 instances (all on one core)`,
    notes: [
      'CPU µs is the sum over the instances for a notification: flat means that an instance has its share of the load, and no more.',
      'The idle gateways of the other rows use the same Redis: their heartbeats count in every row.',
    ],
    table: NAMES.map((name) => rowOf(name, samples[name])),
    ratios: [{ what: '2 instances ÷ 1, CPU µs/notification', ratio: ratioOf(two, one, cpu) }],
    goals: [
      { what: '4 instances ÷ 1, CPU µs/notification', ratio: ratioOf(four, one, cpu), goal: flat },
      {
        what: '4 instances ÷ 1, Redis commands/notification',
        ratio: ratioOf(four, one, redisCommands),
        goal: flat,
      },
    ],
  };
}
