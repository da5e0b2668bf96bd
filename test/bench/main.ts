// The benchmark suite: `npm run bench [-- rest|stuck|notifications|slow|memory|redis|instances|adapter …] [--rounds=5] [--busy]`.
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { measureAdapter } from './adapter/adapter.js';
import { measureInstances } from './instances/instances.js';
import { stopAll, BenchProcess } from './measuring/bench-process.js';
import { isMet, print, printSummary, type Report } from './measuring/report.js';
import { disturbed, haveNoPatience } from './measuring/rounds.js';
import { measureMemory } from './memory/memory.js';
import { measureNotifications } from './notifications/notifications.js';
import { measureSlow } from './notifications/slow.js';
import { measureNotificationsWithRedis } from './notifications/with-redis.js';
import { measureRest, measureRestWithRedis } from './rest/rest.js';
import { measureStuck } from './rest/stuck.js';

/** Together about twenty minutes on a quiet machine. */
const PARTS = {
  rest: { measure: measureRest, rounds: 5 },
  notifications: { measure: measureNotifications, rounds: 7 },
  stuck: { measure: async (rounds: number) => [await measureStuck(rounds)], rounds: 5 },
  slow: { measure: async (rounds: number) => [await measureSlow(rounds)], rounds: 5 },
  memory: { measure: measureMemory, rounds: 2 },
  redis: { measure: measureWithRedis, rounds: 5 },
  instances: { measure: measureInstances, rounds: 5 },
  adapter: { measure: measureAdapter, rounds: 5 },
} as const;
type Part = keyof typeof PARTS;

const RESULTS = 'test-results/bench.json';

const isPart = (name: string): name is Part => Object.hasOwn(PARTS, name);

async function measure(parts: readonly Part[], rounds: number | undefined): Promise<Report[]> {
  const reports: Report[] = [];
  for (const part of parts) {
    const { measure: measurePart, rounds: usual } = PARTS[part];
    const measured = await measurePart(rounds ?? usual);
    await stopAll();
    measured.forEach(print);
    reports.push(...measured);
  }
  return reports;
}

async function measureWithRedis(rounds: number): Promise<Report[]> {
  const rest = await measureRestWithRedis(rounds);
  await stopAll();
  return [rest, await measureNotificationsWithRedis(rounds)];
}

function write(reports: readonly Report[]): void {
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version };
  const measured = reports.map((report) => ({
    ...report,
    goals: report.goals.map((goal) => ({ ...goal, met: isMet(goal) })),
  }));
  mkdirSync('test-results', { recursive: true });
  const measuredAt = new Date().toISOString();
  writeFileSync(RESULTS, `${JSON.stringify({ measuredAt, machine, reports: measured }, undefined, 2)}\n`);
  console.log(`\nThe same as JSON: ${RESULTS}`);
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string' },
    /** Takes every sample as it comes. */
    busy: { type: 'boolean', default: false },
  },
});
const unknown = positionals.filter((name) => !isPart(name));
if (unknown.length > 0) {
  console.error(`No such part: ${unknown.join(', ')}. There are ${Object.keys(PARTS).join(', ')}.`);
  process.exit(1);
}
const chosen = positionals.length > 0 ? positionals : Object.keys(PARTS);

process.once('exit', () => BenchProcess.all.forEach((child) => child.kill()));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

if (values.busy) haveNoPatience();

try {
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
  const reports = await measure(chosen.filter(isPart), rounds);
  printSummary(reports);
  if (disturbed.samples > 0) {
    console.warn(
      `\nWarning: others used this machine during ${disturbed.samples} samples; the column "quiet" says which.`,
    );
  }
  write(reports);
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await stopAll();
}
process.exit();
