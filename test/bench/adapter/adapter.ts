import { ratioOf } from '../measuring/compare.js';
import { RedisProcess } from '../measuring/redis-process.js';
import { type Report } from '../measuring/report.js';
import { inRounds, type Samples } from '../measuring/rounds.js';
import {
  type Candidate,
  commandsNote,
  cpu,
  type Measured,
  p50,
  rowOf,
  runCandidate,
} from '../notifications/candidate.js';
import { type EmitMode } from './emit-mode.js';
import { startEmitter } from './emitters.js';

const CASES = {
  'bare emit': { mode: 'bare', isApart: false },
  'adapter, one instance': { mode: 'sharded', isApart: false },
  'stored + adapter, one instance': { mode: 'stored, sharded', isApart: false },
  'journal, one instance': { mode: 'journal', isApart: false },
  'adapter, apart': { mode: 'sharded', isApart: true },
  'stored + adapter, apart': { mode: 'stored, sharded', isApart: true },
  'journal, apart': { mode: 'journal', isApart: true },
} as const satisfies Record<string, { mode: EmitMode; isApart: boolean }>;
type Name = keyof typeof CASES;
const NAMES = Object.keys(CASES) as Name[];

const LOAD = { from: 1, to: 501, perSecond: 1_000, durationMs: 3_000 };

/** The delivery alone, without an upstream: Socket.IO's sharded adapter against the journal's own publish. */
export async function measureAdapter(rounds: number): Promise<Report[]> {
  const redis = await RedisProcess.start();
  const candidates = new Map<Name, Candidate>();
  for (const name of NAMES) {
    const { mode, isApart } = CASES[name];
    candidates.set(name, await startEmitter(mode, LOAD, mode === 'bare' ? undefined : { redis, isApart }));
  }
  const measure = async (name: Name) => {
    const candidate = candidates.get(name);
    if (!candidate) throw new Error(`${name} was not started`);
    return runCandidate(candidate);
  };
  await inRounds(1, NAMES, measure);
  return [reportOf(await inRounds(rounds, NAMES, measure))];
}

function reportOf(samples: Samples<Name, Measured>): Report {
  const bare = samples['bare emit'];
  const { 'journal, one instance': one, 'journal, apart': apart } = samples;
  const adapterOne = samples['stored + adapter, one instance'];
  const adapterApart = samples['stored + adapter, apart'];
  return {
    title: `Delivery: the journal's publish, and the sharded adapter; ${LOAD.to - LOAD.from} sockets, ${LOAD.perSecond}/s`,
    notes: [
      'CPU µs of all emitters for a delivered notification. "stored + adapter" stores as the journal does and sends by the adapter; "adapter" stores nothing.',
      commandsNote('journal, apart', apart),
      commandsNote('stored + adapter, apart', adapterApart),
    ],
    table: NAMES.map((name) => rowOf(name, samples[name])),
    ratios: [
      { what: 'journal ÷ stored + adapter, one instance, CPU', ratio: ratioOf(one, adapterOne, cpu) },
      { what: 'journal ÷ stored + adapter, apart, CPU', ratio: ratioOf(apart, adapterApart, cpu) },
      { what: 'journal ÷ stored + adapter, apart, p50', ratio: ratioOf(apart, adapterApart, p50) },
      {
        what: 'adapter alone ÷ bare emit, one instance, CPU',
        ratio: ratioOf(samples['adapter, one instance'], bare, cpu),
      },
      { what: 'adapter alone ÷ bare emit, apart, CPU', ratio: ratioOf(samples['adapter, apart'], bare, cpu) },
    ],
    goals: [
      {
        what: 'CPU of a journaled delivery, one instance ÷ bare emit',
        ratio: ratioOf(one, bare, cpu),
        goal: { atMost: 2 },
      },
      {
        what: 'CPU of a journaled delivery, two instances ÷ bare emit',
        ratio: ratioOf(apart, bare, cpu),
        goal: { atMost: 2.5 },
      },
    ],
  };
}
