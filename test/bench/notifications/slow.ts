import { startGateway } from '../gateway/gateway-process.js';
import { type BenchProcess } from '../measuring/bench-process.js';
import { medianOf, ratioOf } from '../measuring/compare.js';
import { pause } from '../measuring/now.js';
import { type Report } from '../measuring/report.js';
import { inRounds, quietShare, type Samples } from '../measuring/rounds.js';
import type { Platform } from '../platform/platform.js';
import { p50, p99, publishTo, runCandidate } from './candidate.js';
import { CHANNELS, socketClients, startPlatform } from './notifications.js';
import type { SocketClients } from './socket-clients.js';

const NAMES = ['alone', 'beside one that reads', 'beside one that is stalled'] as const;
type Name = (typeof NAMES)[number];

const OTHERS = 100;
const FLOODED = { from: 1, to: 2 };
const LOAD = { from: 2, to: 2 + OTHERS, perSecond: 300, durationMs: 5_000 };
/** Of no run that is measured. */
const FLOOD_RUN = -1;
/** Together far more than the network keeps of a connection, and over before a stalled client is given up. */
const FLOOD = {
  ...FLOODED,
  perSecond: 500,
  durationMs: LOAD.durationMs,
  paddingBytes: 8_192,
  run: FLOOD_RUN,
};
/** What the network has kept of a flood has come by then. */
const READ_ON_MS = 1_000;

interface Result {
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Which part of the flood was given to the client that it was for; undefined when there was none. */
  readonly given: number | undefined;
}

/** One client under a flood, which reads it or does not, and the notifications of others meanwhile. */
export async function measureSlow(rounds: number): Promise<Report> {
  const platform = startPlatform(OTHERS + 1);
  const { process, url } = await startGateway({ authUrl: await platform.ready(), apis: ['workspace'] });
  const clients = socketClients('the others');
  await clients.call('connect', { ...LOAD, url, channels: CHANNELS });
  const others = { processes: [process], clients, publish: publishTo(platform, LOAD) };
  const flooded = socketClients('the flooded one');
  const measure = async (name: Name): Promise<Result> => {
    if (name === 'alone') return { ...(await runCandidate(others)), given: undefined };
    await flooded.call('connect', { ...FLOODED, url, channels: CHANNELS });
    if (name === 'beside one that is stalled') await flooded.call('stall');
    const flood = floodOver(platform, flooded);
    return { ...(await runCandidate(others)), given: await flood };
  };
  await inRounds(1, NAMES, measure);
  return reportOf(await inRounds(rounds, NAMES, measure));
}

async function floodOver(
  platform: BenchProcess<Platform>,
  flooded: BenchProcess<SocketClients>,
): Promise<number> {
  await flooded.call('begin', FLOOD_RUN);
  const sent = await platform.call('publish', FLOOD);
  await flooded.call('readOn');
  await pause(READ_ON_MS);
  const { received } = await flooded.call('result');
  await flooded.call('leave');
  return received / sent;
}

function reportOf(samples: Samples<Name, Result>): Report {
  const { alone, 'beside one that reads': reads, 'beside one that is stalled': stalled } = samples;
  return {
    title: `Notifications of ${OTHERS} people beside one client under a flood (${FLOOD.perSecond}/s of 8 KB)`,
    notes: ['A stalled client is given the rest when it reads on; "given" is of the first second after.'],
    table: NAMES.map((name) => ({
      candidate: name,
      'p50 ms': medianOf(samples[name], p50).toFixed(2),
      'p99 ms': medianOf(samples[name], p99).toFixed(1),
      given: name === 'alone' ? '–' : medianOf(samples[name], ({ given = 0 }) => given).toFixed(2),
      quiet: quietShare(samples[name]),
    })),
    ratios: [
      { what: 'beside a stalled client ÷ alone, p99', ratio: ratioOf(stalled, alone, p99) },
      { what: 'beside one that reads ÷ alone, p99', ratio: ratioOf(reads, alone, p99) },
    ],
    goals: [
      {
        what: 'p99, beside a stalled client ÷ beside one that reads',
        ratio: ratioOf(stalled, reads, p99),
        goal: { atMost: 1.2 },
      },
    ],
  };
}
