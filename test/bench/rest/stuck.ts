import { startGateway } from '../gateway/gateway-process.js';
import { signIn } from '../gateway/sign-in.js';
import { medianOf, ratioOf } from '../measuring/compare.js';
import { type Report } from '../measuring/report.js';
import { inRounds, quietShare } from '../measuring/rounds.js';
import type { LoadResult } from './load.js';
import { PREFIX, startLoad, startUpstreams } from './rest.js';

const NAMES = ['others idle', '500 requests stuck'] as const;
const REQUESTS = 500;
const SECONDS = 3;

/** One person's REST while nobody else asks, and while 500 requests of another person get no answer. */
export async function measureStuck(rounds: number): Promise<Report> {
  const gateway = await startGateway(await startUpstreams(2));
  const [cookie, other] = [await signIn(gateway.url, 1), await signIn(gateway.url, 2)];
  const [load, stuck] = [startLoad(), startLoad()];
  const url = (path: string) => gateway.url + PREFIX + path;
  const refused: number[] = [];
  const run = () => load.call('saturate', { url: url('/1k'), cookie, seconds: SECONDS });
  await run();
  const samples = await inRounds(rounds, NAMES, async (name): Promise<LoadResult> => {
    if (name === 'others idle') return run();
    refused.push(await stuck.call('hold', { url: url('/stuck'), cookie: other, count: REQUESTS }));
    try {
      return await run();
    } finally {
      await stuck.call('letGo');
    }
  });
  const [alone, beside] = [samples['others idle'], samples['500 requests stuck']];
  const p99 = ({ p99Ms }: LoadResult) => p99Ms;
  return {
    title: 'REST of one person beside stuck requests of another, 1 KB, 64 connections',
    notes: [`Of ${REQUESTS} requests, refused with 429: ${[...new Set(refused)].join(', ')}.`],
    table: NAMES.map((name) => ({
      candidate: name,
      'requests/s': medianOf(samples[name], ({ perSecond }) => perSecond).toFixed(0),
      'p50 ms': medianOf(samples[name], ({ p50Ms }) => p50Ms).toFixed(1),
      'p99 ms': medianOf(samples[name], p99).toFixed(1),
      quiet: quietShare(samples[name]),
    })),
    ratios: [
      { what: 'requests/s, beside ÷ alone', ratio: ratioOf(beside, alone, ({ perSecond }) => perSecond) },
    ],
    goals: [{ what: 'p99, beside ÷ alone', ratio: ratioOf(beside, alone, p99), goal: { atMost: 1.2 } }],
  };
}
