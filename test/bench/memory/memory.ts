import { type HandshakeAuth } from '@gw/contract';
import { startGateway } from '../gateway/gateway-process.js';
import { BenchProcess, stopAll } from '../measuring/bench-process.js';
import { medianOf } from '../measuring/compare.js';
import { rangeOf } from '../measuring/distribution.js';
import { pause } from '../measuring/now.js';
import { type Report } from '../measuring/report.js';
import { inRounds, type Sample, type Samples } from '../measuring/rounds.js';
import type { DirectClients } from '../notifications/direct-clients.js';
import type { SocketClients } from '../notifications/socket-clients.js';
import { CHANNEL } from '../platform/bench-event.js';

/** Growth of the process for one more connected user, in KB. */
interface Measured {
  readonly rss: number;
  readonly heap: number;
  readonly external: number;
}

/** What is to be measured: a process, and how users come to be connected to it. */
interface Subject {
  readonly process: BenchProcess<object>;
  readonly connect: (users: { readonly from: number; readonly to: number }) => Promise<void>;
}

const USERS = 2_000;
/** Connected before the first look, so that code and pools that every process has once are not counted. */
const WARM_UP_USERS = 200;
const SETTLE_MS = 3_000;
const KB = 1_024;

const SUBJECTS = {
  'gateway, one API': (url: string) => gateway(url, ['workspace'], [{ api: 'workspace', channel: CHANNEL }]),
  'bare CometD clients': bareCometd,
  'bare Socket.IO server': bareSockets,
  'gateway, three APIs': (url: string) => gateway(url),
} as const;
type Name = keyof typeof SUBJECTS;
const NAMES = Object.keys(SUBJECTS) as Name[];

/** A connected user: session, upstream session and socket, against a bare CometD client and a bare socket. */
export async function measureMemory(rounds: number): Promise<Report[]> {
  return [reportOf(await inRounds(rounds, NAMES, measure, 'as they come'))];
}

/** Every time in processes of its own, because memory once taken is not always given back. */
async function measure(name: Name): Promise<Measured> {
  const platform = new BenchProcess<object>('platform', script('../platform/platform.js'), {
    place: 'beside',
    environment: { BENCH_USERS: String(WARM_UP_USERS + USERS) },
  });
  const { process: subject, connect } = await SUBJECTS[name](await platform.ready());
  await connect({ from: 1, to: 1 + WARM_UP_USERS });
  const before = await settledMemory(subject);
  await connect({ from: 1 + WARM_UP_USERS, to: 1 + WARM_UP_USERS + USERS });
  const after = await settledMemory(subject);
  await stopAll();
  return {
    rss: (after.rss - before.rss) / USERS / KB,
    heap: (after.heapUsed - before.heapUsed) / USERS / KB,
    external: (after.external - before.external) / USERS / KB,
  };
}

async function settledMemory(subject: BenchProcess<object>): Promise<NodeJS.MemoryUsage> {
  await pause(SETTLE_MS);
  return subject.probe('memory');
}

async function gateway(
  url: string,
  apis?: readonly string[],
  channels?: HandshakeAuth['channels'],
): Promise<Subject> {
  const { process, url: gatewayUrl } = await startGateway({ authUrl: url, apis });
  const clients = socketClients();
  return { process, connect: (users) => clients.call('connect', { ...users, url: gatewayUrl, channels }) };
}

async function bareCometd(url: string): Promise<Subject> {
  const clients = new BenchProcess<DirectClients>(
    'CometD clients',
    script('../notifications/direct-clients.js'),
    { place: 'measured', environment: { PLATFORM_URL: url } },
  );
  return { process: clients, connect: (users) => clients.call('connect', users) };
}

async function bareSockets(): Promise<Subject> {
  const server = new BenchProcess<object>('Socket.IO server', script('./bare-sockets.js'), {
    place: 'measured',
  });
  const serverUrl = await server.ready();
  const clients = socketClients();
  return {
    process: server,
    connect: (users) => clients.call('connect', { ...users, url: serverUrl, byNumber: true }),
  };
}

const socketClients = () =>
  new BenchProcess<SocketClients>('clients', script('../notifications/socket-clients.js'), {
    place: 'beside',
  });

const script = (path: string) => new URL(path, import.meta.url);

function reportOf(samples: Samples<Name, Measured>): Report {
  const table = NAMES.map((name) => ({
    'process of 2,000 users': name,
    'RSS KB/user': medianOf(samples[name], ({ rss }) => rss).toFixed(1),
    'JS heap KB/user': medianOf(samples[name], ({ heap }) => heap).toFixed(1),
    'external KB/user': medianOf(samples[name], ({ external }) => external).toFixed(1),
  }));
  return {
    title: 'Memory of a connected user: session, upstream session and socket',
    notes: [
      `Growth from ${WARM_UP_USERS} to ${WARM_UP_USERS + USERS} users, after garbage collection; no notification flows but the API's own at its start.`,
    ],
    table,
    ratios: [
      { what: 'JS heap, one API ÷ bare client + bare socket', ratio: toBare(samples, ({ heap }) => heap) },
    ],
    goals: [
      {
        what: 'memory of a connected user, RSS ÷ bare client + bare socket',
        ratio: toBare(samples, ({ rss }) => rss),
        goal: { atMost: 1.25 },
      },
    ],
  };
}

function toBare(samples: Samples<Name, Measured>, figure: (measured: Measured) => number) {
  const of = (sample: Sample<Measured> | undefined) => (sample ? figure(sample.result) : Number.NaN);
  const bare = samples['bare CometD clients'].map(
    (sample, round) => of(sample) + of(samples['bare Socket.IO server'][round]),
  );
  return rangeOf(
    samples['gateway, one API'].map((sample, round) => of(sample) / (bare[round] ?? Number.NaN)),
  );
}
