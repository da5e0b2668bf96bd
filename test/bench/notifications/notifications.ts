import { startGateway } from '../gateway/gateway-process.js';
import { BenchProcess } from '../measuring/bench-process.js';
import { medianOf, ratioOf } from '../measuring/compare.js';
import { pause } from '../measuring/now.js';
import { type Report } from '../measuring/report.js';
import { inRounds, quietShare, type Samples } from '../measuring/rounds.js';
import { CHANNEL } from '../platform/bench-event.js';
import { type Platform } from '../platform/platform.js';
import { type DirectClients } from './direct-clients.js';
import { type Latencies } from './received.js';
import { type SocketClients } from './socket-clients.js';

interface Candidate {
  /** Whose CPU time counts. */
  readonly process: BenchProcess<object>;
  /** Who hears the notifications; the same process for direct clients. */
  readonly clients: BenchProcess<DirectClients>;
  /** Number of its first user. */
  readonly from: number;
}

interface Measured extends Latencies {
  readonly sent: number;
  /** Of the candidate, in microseconds a notification. */
  readonly cpuUs: number;
  readonly platformUs: number;
}

const NAMES = ['gateway', 'direct CometD clients', 'naive bridge'] as const;
type Name = (typeof NAMES)[number];

const USERS = 500;
const PER_SECOND = 500;
const DURATION_MS = 5_000;
/** What is still under way when the last was sent. */
const SETTLE_MS = 500;

/** From the platform's publish to the client's handler. */
export async function measureNotifications(rounds: number): Promise<Report[]> {
  const platform = new BenchProcess<Platform>('platform', script('../platform/platform.js'), {
    place: 'beside',
    environment: { BENCH_USERS: String(NAMES.length * USERS) },
  });
  const candidates = await startCandidates(await platform.ready());
  let runs = 0;
  const measure = (name: Name) => run(platform, candidates[name], (runs += 1));
  await inRounds(1, NAMES, measure);
  const samples = await inRounds(rounds, NAMES, measure);
  return [reportOf(samples)];
}

async function startCandidates(platformUrl: string): Promise<Readonly<Record<Name, Candidate>>> {
  const environment = { PLATFORM_URL: platformUrl };
  const options = { place: 'measured', environment } as const;
  const direct = new BenchProcess<DirectClients>('direct clients', script('./direct-clients.js'), options);
  const bridge = new BenchProcess<object>('naive bridge', script('./naive-bridge.js'), options);
  const gateway = await startGateway({ authUrl: platformUrl, apis: ['workspace'] });
  const ofGateway = socketClients('clients of the gateway');
  const ofBridge = socketClients('clients of the bridge');
  const channels = [{ api: 'workspace', channel: CHANNEL }];
  const bridgeUrl = await bridge.ready();
  await direct.call('connect', users(1));
  await ofGateway.call('connect', { ...users(1 + USERS), url: gateway.url, channels });
  await ofBridge.call('connect', { ...users(1 + 2 * USERS), url: bridgeUrl, tokensFrom: platformUrl });
  return {
    gateway: { process: gateway.process, clients: ofGateway, from: 1 + USERS },
    'direct CometD clients': { process: direct, clients: direct, from: 1 },
    'naive bridge': { process: bridge, clients: ofBridge, from: 1 + 2 * USERS },
  };
}

const socketClients = (name: string) =>
  new BenchProcess<SocketClients>(name, script('./socket-clients.js'), { place: 'beside' });

const script = (path: string) => new URL(path, import.meta.url);
const users = (from: number) => ({ from, to: from + USERS });

async function run(
  platform: BenchProcess<Platform>,
  { process: candidate, clients, from }: Candidate,
  number: number,
): Promise<Measured> {
  await clients.call('begin', number);
  const before = { candidate: await candidate.probe('cpuMs'), platform: await platform.probe('cpuMs') };
  const request = { ...users(from), perSecond: PER_SECOND, durationMs: DURATION_MS, run: number };
  const sent = await platform.call('publish', request);
  await pause(SETTLE_MS);
  const candidateMs = (await candidate.probe('cpuMs')) - before.candidate;
  const platformMs = (await platform.probe('cpuMs')) - before.platform;
  const latencies = await clients.call('result');
  return {
    ...latencies,
    sent,
    cpuUs: (candidateMs * 1_000) / sent,
    platformUs: (platformMs * 1_000) / sent,
  };
}

function reportOf(samples: Samples<Name, Measured>): Report {
  const { gateway, 'direct CometD clients': direct, 'naive bridge': naive } = samples;
  const table = NAMES.map((name) => ({
    candidate: name,
    'p50 ms': medianOf(samples[name], p50).toFixed(2),
    'p99 ms': medianOf(samples[name], p99).toFixed(1),
    'CPU µs/notification': medianOf(samples[name], cpu).toFixed(0),
    'platform µs/notification': medianOf(samples[name], ({ platformUs }) => platformUs).toFixed(0),
    lost: String(samples[name].reduce((sum, { result }) => sum + result.sent - result.received, 0)),
    quiet: quietShare(samples[name]),
  }));
  return {
    title: `Notifications, ${USERS} users × ${PER_SECOND / USERS}/s, from the platform to the client's handler`,
    notes: ['Direct clients: all in one Node process in the place of the gateway.'],
    table,
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

const p50 = (result: Measured) => result.p50Ms;
const p99 = (result: Measured) => result.p99Ms;
const cpu = (result: Measured) => result.cpuUs;
