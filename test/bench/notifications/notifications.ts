import { startGateway } from '../gateway/gateway-process.js';
import { BenchProcess } from '../measuring/bench-process.js';
import { ratioOf } from '../measuring/compare.js';
import { type Report } from '../measuring/report.js';
import { inRounds, type Samples } from '../measuring/rounds.js';
import { CHANNEL } from '../platform/bench-event.js';
import type { Platform } from '../platform/platform.js';
import { type Candidate, cpu, type Measured, p50, p99, publishTo, rowOf, runCandidate } from './candidate.js';
import type { DirectClients } from './direct-clients.js';
import type { SocketClients } from './socket-clients.js';

const NAMES = ['gateway', 'direct CometD clients', 'naive bridge'] as const;
type Name = (typeof NAMES)[number];

export const USERS = 500;
const DURATION_MS = 5_000;

/** A gateway with embedded state, against clients that need none, and against what one writes in an afternoon. */
export async function measureNotifications(rounds: number): Promise<Report[]> {
  const platform = startPlatform(NAMES.length * USERS);
  const candidates = await startCandidates(platform);
  const measure = (name: Name) => runCandidate(candidates[name]);
  await inRounds(1, NAMES, measure);
  return [reportOf(await inRounds(rounds, NAMES, measure))];
}

async function startCandidates(platform: BenchProcess<Platform>): Promise<Readonly<Record<Name, Candidate>>> {
  const platformUrl = await platform.ready();
  const gateway = await startGateway({ authUrl: platformUrl, apis: ['workspace'] });
  const bridge = new BenchProcess<object>('naive bridge', script('./naive-bridge.js'), {
    place: 'measured',
    environment: { PLATFORM_URL: platformUrl },
  });
  const ofGateway = socketClients('clients of the gateway');
  const ofBridge = socketClients('clients of the bridge');
  const bridgeUrl = await bridge.ready();
  const direct = await startDirect(platform, 1);
  await ofGateway.call('connect', { ...users(1 + USERS), url: gateway.url, channels: CHANNELS });
  await ofBridge.call('connect', { ...users(1 + 2 * USERS), url: bridgeUrl, tokensFrom: platformUrl });
  return {
    gateway: {
      processes: [gateway.process],
      clients: ofGateway,
      publish: publishTo(platform, loadOf(1 + USERS)),
    },
    'direct CometD clients': direct,
    'naive bridge': {
      processes: [bridge],
      clients: ofBridge,
      publish: publishTo(platform, loadOf(1 + 2 * USERS)),
    },
  };
}

export const startPlatform = (userCount: number): BenchProcess<Platform> =>
  new BenchProcess('platform', script('../platform/platform.js'), {
    place: 'beside',
    environment: { BENCH_USERS: String(userCount) },
  });

/** Users without a gateway, all in one process in its place. */
export async function startDirect(platform: BenchProcess<Platform>, from: number): Promise<Candidate> {
  const direct = new BenchProcess<DirectClients>('direct clients', script('./direct-clients.js'), {
    place: 'measured',
    environment: { PLATFORM_URL: await platform.ready() },
  });
  await direct.call('connect', users(from));
  return { processes: [direct], clients: direct, publish: publishTo(platform, loadOf(from)) };
}

export const socketClients = (name: string): BenchProcess<SocketClients> =>
  new BenchProcess(name, script('./socket-clients.js'), { place: 'beside' });

export const CHANNELS = [{ api: 'workspace', channel: CHANNEL }];

const script = (path: string) => new URL(path, import.meta.url);
export const users = (from: number) => ({ from, to: from + USERS });
/** One a second for each of `count` users. */
export const loadOf = (from: number, count = USERS) => ({
  from,
  to: from + count,
  perSecond: count,
  durationMs: DURATION_MS,
});

function reportOf(samples: Samples<Name, Measured>): Report {
  const { gateway, 'direct CometD clients': direct, 'naive bridge': naive } = samples;
  return {
    title: `Notifications, ${USERS} users × 1/s, from the platform to the client's handler`,
    notes: ['Direct clients: all in one Node process in the place of the gateway.'],
    table: NAMES.map((name) => rowOf(name, samples[name])),
    ratios: [
      { what: 'gateway ÷ direct, p99', ratio: ratioOf(gateway, direct, p99) },
      { what: 'gateway ÷ naive bridge, p50', ratio: ratioOf(gateway, naive, p50) },
      { what: 'gateway ÷ naive bridge, CPU µs/notification', ratio: ratioOf(gateway, naive, cpu) },
    ],
    goals: [
      { what: 'gateway ÷ direct, p50', ratio: ratioOf(gateway, direct, p50), goal: { atMost: 1.5 } },
      { what: 'gateway ÷ naive bridge, p99', ratio: ratioOf(gateway, naive, p99), goal: { atMost: 0.7 } },
    ],
  };
}
