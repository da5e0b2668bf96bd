import { newSharedState, startGateway } from '../gateway/gateway-process.js';
import { startEmitter } from '../adapter/emitters.js';
import { type BenchProcess } from '../measuring/bench-process.js';
import { ratioOf } from '../measuring/compare.js';
import { type Range } from '../measuring/distribution.js';
import { RedisProcess } from '../measuring/redis-process.js';
import { type Report } from '../measuring/report.js';
import { inRounds, type Sample, type Samples } from '../measuring/rounds.js';
import type { Platform } from '../platform/platform.js';
import {
  type Candidate,
  commandsNote,
  cpu,
  type Measured,
  p50,
  p99,
  publishTo,
  rowOf,
  runCandidate,
} from './candidate.js';
import {
  CHANNELS,
  loadOf,
  socketClients,
  startDirect,
  startPlatform,
  USERS,
  users,
} from './notifications.js';

const NAMES = ['one instance', 'owner and socket apart', 'direct CometD clients', 'bare emit'] as const;
type Name = (typeof NAMES)[number];

/** A gateway with its state in Redis: the socket at the instance that polls, and at another one. */
export async function measureNotificationsWithRedis(rounds: number): Promise<Report> {
  const platform = startPlatform(3 * USERS);
  const redis = await RedisProcess.start();
  const candidates: Readonly<Record<Name, Candidate>> = {
    'one instance': await startOne(platform, redis, 1),
    'owner and socket apart': await startApart(platform, redis, 1 + USERS),
    'direct CometD clients': await startDirect(platform, 1 + 2 * USERS),
    'bare emit': await startEmitter('bare', loadOf(1)),
  };
  const measure = (name: Name) => runCandidate(candidates[name]);
  await inRounds(1, NAMES, measure);
  return reportOf(await inRounds(rounds, NAMES, measure));
}

async function startOne(
  platform: BenchProcess<Platform>,
  redis: RedisProcess,
  from: number,
): Promise<Candidate> {
  const state = newSharedState(redis.url);
  const { process, url } = await startGateway({
    authUrl: await platform.ready(),
    apis: ['workspace'],
    state,
  });
  const clients = socketClients('clients of one instance');
  await clients.call('connect', { ...users(from), url, channels: CHANNELS });
  return { processes: [process], clients, publish: publishTo(platform, loadOf(from)), redis };
}

/** Whoever is attached first owns: its clients come, the others come, the first ones go. */
async function startApart(
  platform: BenchProcess<Platform>,
  redis: RedisProcess,
  from: number,
): Promise<Candidate> {
  const options = {
    authUrl: await platform.ready(),
    apis: ['workspace'],
    state: newSharedState(redis.url),
  };
  const owner = await startGateway(options);
  const other = await startGateway(options);
  const first = socketClients('clients of the owner');
  await first.call('connect', { ...users(from), url: owner.url, channels: CHANNELS });
  const clients = socketClients('clients of the other instance');
  await clients.call('connect', { ...users(from), url: other.url, channels: CHANNELS });
  await first.stop();
  return {
    processes: [owner.process, other.process],
    clients,
    publish: publishTo(platform, loadOf(from)),
    redis,
  };
}

function reportOf(samples: Samples<Name, Measured>): Report {
  const { 'one instance': one, 'owner and socket apart': apart } = samples;
  const { 'direct CometD clients': direct, 'bare emit': bare } = samples;
  return {
    title: `Notifications with the journal in Redis, ${USERS} users × 1/s`,
    notes: [
      'CPU of a gateway is that of the long poll too, which a bare emit has not; the part "adapter" compares the delivery alone.',
      commandsNote('one instance', one),
      commandsNote('owner and socket apart', apart),
    ],
    table: NAMES.map((name) => rowOf(name, samples[name])),
    ratios: [
      { what: 'one instance ÷ direct, p99', ratio: ratioOf(one, direct, p99) },
      { what: 'the least: (direct + bare emit) ÷ direct, p50', ratio: oneHopMore(direct, bare) },
      { what: 'apart ÷ direct, p50', ratio: ratioOf(apart, direct, p50) },
      { what: 'one instance ÷ direct, CPU µs/notification', ratio: ratioOf(one, direct, cpu) },
      { what: 'one instance ÷ bare emit, CPU µs, long poll included', ratio: ratioOf(one, bare, cpu) },
      { what: 'apart ÷ bare emit, CPU µs, long poll included', ratio: ratioOf(apart, bare, cpu) },
    ],
    goals: [
      {
        what: 'Redis journal, one instance ÷ direct, p50',
        ratio: ratioOf(one, direct, p50),
        goal: { atMost: 1.5 },
      },
    ],
  };
}

/** What a gateway would have that took no time itself, and stored nothing. */
function oneHopMore(direct: readonly Sample<Measured>[], bare: readonly Sample<Measured>[]): Range {
  const ratio = ratioOf(bare, direct, p50);
  return { median: 1 + ratio.median, min: 1 + ratio.min, max: 1 + ratio.max };
}
