import { startGateway } from '../gateway/gateway-process.js';
import { signIn } from '../gateway/sign-in.js';
import { BenchProcess } from '../measuring/bench-process.js';
import { medianOf, ratioOf } from '../measuring/compare.js';
import { type Report } from '../measuring/report.js';
import { inRounds, quietShare, type Samples } from '../measuring/rounds.js';
import { type Load, type LoadResult } from './load.js';

interface Candidate {
  readonly process: BenchProcess<object>;
  readonly url: string;
  readonly cookie?: string | undefined;
}

interface Measured extends LoadResult {
  /** Of the candidate, in microseconds a request. */
  readonly cpuUs: number;
  /** How busy its core was, 0 to 1. */
  readonly busy: number;
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
const PREFIX = '/api/statistics/v3/bench';
const SECONDS = 2;
const WARM_UP_SECONDS = 3;

/** REST through a session, against a proxy without one, and against what a typical team builds. */
export async function measureRest(rounds: number): Promise<Report[]> {
  const candidates = await startCandidates();
  const load = new BenchProcess<Load>('load', new URL('./load.js', import.meta.url), { place: 'beside' });
  await inRounds(1, NAMES, (name) => run(load, candidates[name], CASES[0], WARM_UP_SECONDS));
  const reports: Report[] = [];
  for (const which of CASES) {
    const samples = await inRounds(rounds, NAMES, (name) => run(load, candidates[name], which, SECONDS));
    reports.push(reportOf(which, samples));
  }
  return reports;
}

async function startCandidates(): Promise<Candidates> {
  const platform = new BenchProcess<object>('platform', new URL('../platform/platform.js', import.meta.url), {
    place: 'beside',
    environment: { BENCH_USERS: '1' },
  });
  const upstream = new BenchProcess<object>('upstream', new URL('./fixed-answers.js', import.meta.url), {
    place: 'beside',
  });
  const apiUrl = await upstream.ready();
  const gateway = await startGateway({ authUrl: await platform.ready(), apiUrl });
  const bare = new BenchProcess<object>('bare Fastify', new URL('./bare-fastify.js', import.meta.url), {
    place: 'measured',
    environment: { UPSTREAM_URL: apiUrl },
  });
  const express = new BenchProcess<object>('Express stack', new URL('./express-stack.js', import.meta.url), {
    place: 'measured',
    environment: { UPSTREAM_URL: apiUrl },
  });
  const expressUrl = await express.ready();
  return {
    gateway: { ...gateway, cookie: await signIn(gateway.url, 1) },
    'bare Fastify': { process: bare, url: await bare.ready() },
    'Express stack': { process: express, url: expressUrl, cookie: await logIn(expressUrl) },
  };
}

async function logIn(url: string): Promise<string> {
  const { headers } = await fetch(`${url}/login`, { method: 'POST' });
  return headers.getSetCookie()[0]?.split(';', 1)[0] ?? '';
}

async function run(
  load: BenchProcess<Load>,
  { process: candidate, url, cookie }: Candidate,
  which: Case,
  seconds: number,
): Promise<Measured> {
  const before = await candidate.probe('cpuMs');
  const result = await load.call(which.load, { url: url + PREFIX + which.path, cookie, seconds });
  const cpuMs = (await candidate.probe('cpuMs')) - before;
  return { ...result, cpuUs: (cpuMs * 1_000) / result.requests, busy: cpuMs / (seconds * 1_000) };
}

function reportOf({ title, load }: Case, samples: Samples<Name, Measured>): Report {
  const { gateway, 'bare Fastify': bare, 'Express stack': express } = samples;
  const figure = load === 'saturate' ? { name: 'requests/s', of: perSecond } : { name: 'p50', of: p50 };
  const table = NAMES.map((name) => ({
    candidate: name,
    'requests/s': medianOf(samples[name], perSecond).toFixed(0),
    'p50 ms': medianOf(samples[name], p50).toFixed(2),
    'p99 ms': medianOf(samples[name], ({ p99Ms }) => p99Ms).toFixed(1),
    'CPU µs/request': medianOf(samples[name], cpu).toFixed(0),
    'core busy': medianOf(samples[name], ({ busy }) => busy).toFixed(2),
    quiet: quietShare(samples[name]),
  }));
  const toBare = { what: `gateway ÷ bare Fastify, ${figure.name}`, ratio: ratioOf(gateway, bare, figure.of) };
  const others = [
    { what: `gateway ÷ Express stack, ${figure.name}`, ratio: ratioOf(gateway, express, figure.of) },
    { what: 'gateway ÷ bare Fastify, CPU µs/request', ratio: ratioOf(gateway, bare, cpu) },
    { what: 'gateway ÷ Express stack, CPU µs/request', ratio: ratioOf(gateway, express, cpu) },
  ];
  return {
    title: `REST, ${title}`,
    notes: [],
    table,
    ratios: load === 'saturate' ? others : [toBare, ...others],
    goals: load === 'saturate' ? [{ ...toBare, goal: { atLeast: 0.95 } }] : [],
  };
}

const perSecond = (result: Measured) => result.perSecond;
const p50 = (result: Measured) => result.p50Ms;
const cpu = (result: Measured) => result.cpuUs;
