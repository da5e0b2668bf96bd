import { newSharedState, startGateway } from '../gateway/gateway-process.js';
import { signIn } from '../gateway/sign-in.js';
import { BenchProcess } from '../measuring/bench-process.js';
import { medianOf, ratioOf } from '../measuring/compare.js';
import { RedisProcess, type RedisShare, shareOf } from '../measuring/redis-process.js';
import { type Report } from '../measuring/report.js';
import { inRounds, quietShare, type Sample, type Samples } from '../measuring/rounds.js';
import type { Load, LoadResult } from './load.js';

interface Candidate {
  readonly process: BenchProcess<object>;
  readonly url: string;
  readonly cookie?: string | undefined;
  /** Where it has its state. */
  readonly redis?: RedisProcess | undefined;
}

interface Measured extends LoadResult {
  /** Of the candidate, in microseconds a request. */
  readonly cpuUs: number;
  /** How busy its core was, 0 to 1. */
  readonly busy: number;
  /** What Redis did for a request. */
  readonly redis: RedisShare | undefined;
}

const NAMES = ['gateway', 'bare Fastify', 'Express stack'] as const;
type Name = (typeof NAMES)[number];
type Candidates = Readonly<Record<Name, Candidate>>;

const CASES = [
  { title: '1 KB, 64 connections', path: '/1k', load: 'saturate' },
  { title: '100 KB, 64 connections', path: '/100k', load: 'saturate' },
  { title: '1 KB, 1 connection', path: '/1k', load: 'oneByOne' },
  { title: '100 KB, 1 connection', path: '/100k', load: 'oneByOne' },
] as const;
type Case = (typeof CASES)[number];

/** Beneath an API of the profile that needs no session of its own. */
export const PREFIX = '/api/statistics/v3/bench';
const SECONDS = 2;
const WARM_UP_SECONDS = 3;

/** REST through a session, against a proxy without one, and against what a typical team builds. */
export async function measureRest(rounds: number): Promise<Report[]> {
  const candidates = await startCandidates();
  const load = startLoad();
  const reports: Report[] = [];
  for (const which of CASES) {
    // Each case is other code: what is not compiled yet costs several times as much.
    await inRounds(1, NAMES, (name) => run(load, candidates[name], which, WARM_UP_SECONDS));
    const samples = await inRounds(rounds, NAMES, (name) => run(load, candidates[name], which, SECONDS));
    reports.push(reportOf(which, samples));
  }
  return reports;
}

/** The same with the state in Redis: one session that is in use, at full load. */
export async function measureRestWithRedis(rounds: number): Promise<Report> {
  const names = ['gateway', 'bare Fastify'] as const;
  const upstreams = await startUpstreams();
  const redis = await RedisProcess.start();
  const gateway = { ...(await startOurs(upstreams, redis)), redis };
  const candidates = { gateway, 'bare Fastify': await startBare(upstreams) };
  const load = startLoad();
  await inRounds(1, names, (name) => run(load, candidates[name], CASES[0], WARM_UP_SECONDS));
  const samples = await inRounds(rounds, names, (name) => run(load, candidates[name], CASES[0], SECONDS));
  const commands = medianOf(samples.gateway, (result) => result.redis?.commands ?? 0);
  return {
    title: `REST with sessions in Redis, ${CASES[0].title}`,
    notes: [`Redis commands for a request, heartbeats of the instance among them: ${commands.toFixed(4)}.`],
    table: names.map((name) => rowOf(name, samples[name])),
    ratios: [
      {
        what: 'CPU µs/request ÷ bare Fastify',
        ratio: ratioOf(samples.gateway, samples['bare Fastify'], cpu),
      },
    ],
    goals: [
      {
        what: 'REST, sessions in Redis ÷ bare Fastify, requests/s',
        ratio: ratioOf(samples.gateway, samples['bare Fastify'], perSecond),
        goal: { atLeast: 0.95 },
      },
    ],
  };
}

export interface Upstreams {
  readonly authUrl: string;
  readonly apiUrl: string;
}

export async function startUpstreams(users = 1): Promise<Upstreams> {
  const platform = new BenchProcess<object>('platform', script('../platform/platform.js'), {
    place: 'beside',
    environment: { BENCH_USERS: String(users) },
  });
  const upstream = new BenchProcess<object>('upstream', script('./fixed-answers.js'), { place: 'beside' });
  return { authUrl: await platform.ready(), apiUrl: await upstream.ready() };
}

async function startCandidates(): Promise<Candidates> {
  const upstreams = await startUpstreams();
  const gateway = await startOurs(upstreams);
  const bare = await startBare(upstreams);
  const express = new BenchProcess<object>('Express stack', script('./express-stack.js'), {
    place: 'measured',
    environment: { UPSTREAM_URL: upstreams.apiUrl },
  });
  const expressUrl = await express.ready();
  return {
    gateway,
    'bare Fastify': bare,
    'Express stack': { process: express, url: expressUrl, cookie: await logIn(expressUrl) },
  };
}

async function startOurs(upstreams: Upstreams, redis?: RedisProcess): Promise<Candidate> {
  const gateway = await startGateway({ ...upstreams, state: redis && newSharedState(redis.url) });
  return { ...gateway, cookie: await signIn(gateway.url, 1) };
}

async function startBare({ apiUrl }: Upstreams): Promise<Candidate> {
  const bare = new BenchProcess<object>('bare Fastify', script('./bare-fastify.js'), {
    place: 'measured',
    environment: { UPSTREAM_URL: apiUrl },
  });
  return { process: bare, url: await bare.ready() };
}

export const startLoad = () => new BenchProcess<Load>('load', script('./load.js'), { place: 'beside' });

const script = (path: string) => new URL(path, import.meta.url);

async function logIn(url: string): Promise<string> {
  const { headers } = await fetch(`${url}/login`, { method: 'POST' });
  return headers.getSetCookie()[0]?.split(';', 1)[0] ?? '';
}

async function run(
  load: BenchProcess<Load>,
  { process: candidate, url, cookie, redis }: Candidate,
  which: Case,
  seconds: number,
): Promise<Measured> {
  const before = await candidate.probe('cpuMs');
  const redisBefore = await redis?.work();
  const result = await load.call(which.load, { url: url + PREFIX + which.path, cookie, seconds });
  const cpuMs = (await candidate.probe('cpuMs')) - before;
  const redisAfter = await redis?.work();
  return {
    ...result,
    cpuUs: (cpuMs * 1_000) / result.requests,
    busy: cpuMs / (seconds * 1_000),
    redis: redisBefore && redisAfter && shareOf(redisBefore, redisAfter, result.requests),
  };
}

function reportOf({ title, load }: Case, samples: Samples<Name, Measured>): Report {
  const { gateway, 'bare Fastify': bare, 'Express stack': express } = samples;
  const figure = load === 'saturate' ? { name: 'requests/s', of: perSecond } : { name: 'p50', of: p50 };
  const toBare = {
    what: `REST, ${title}: gateway ÷ bare Fastify, ${figure.name}`,
    ratio: ratioOf(gateway, bare, figure.of),
  };
  const others = [
    { what: `gateway ÷ Express stack, ${figure.name}`, ratio: ratioOf(gateway, express, figure.of) },
    { what: 'gateway ÷ bare Fastify, CPU µs/request', ratio: ratioOf(gateway, bare, cpu) },
    { what: 'gateway ÷ Express stack, CPU µs/request', ratio: ratioOf(gateway, express, cpu) },
  ];
  return {
    title: `REST, ${title}`,
    notes: [],
    table: NAMES.map((name) => rowOf(name, samples[name])),
    ratios: load === 'saturate' ? others : [toBare, ...others],
    goals: load === 'saturate' ? [{ ...toBare, goal: { atLeast: 0.95 } }] : [],
  };
}

function rowOf(name: string, samples: readonly Sample<Measured>[]): Record<string, string> {
  return {
    candidate: name,
    'requests/s': medianOf(samples, perSecond).toFixed(0),
    'p50 ms': medianOf(samples, p50).toFixed(2),
    'p99 ms': medianOf(samples, ({ p99Ms }) => p99Ms).toFixed(1),
    'CPU µs/request': medianOf(samples, cpu).toFixed(0),
    'core busy': medianOf(samples, ({ busy }) => busy).toFixed(2),
    quiet: quietShare(samples),
  };
}

const perSecond = (result: Measured) => result.perSecond;
const p50 = (result: Measured) => result.p50Ms;
const cpu = (result: Measured) => result.cpuUs;
