// The benchmark suite: `npm run bench [-- rest|notifications|memory …] [--rounds=5]`.
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { stopAll, BenchProcess } from './measuring/bench-process.js';
import { isMet, print, type Report } from './measuring/report.js';
import { measureMemory } from './memory/memory.js';
import { measureNotifications } from './notifications/notifications.js';
import { measureRest } from './rest/rest.js';

const PARTS = { rest: measureRest, notifications: measureNotifications, memory: measureMemory } as const;
type Part = keyof typeof PARTS;

const DEFAULT_ROUNDS: Readonly<Record<Part, number>> = { rest: 7, notifications: 7, memory: 3 };
const RESULTS = 'test-results/bench.json';

const isPart = (name: string): name is Part => Object.hasOwn(PARTS, name);

async function measure(parts: readonly Part[], rounds: number | undefined): Promise<Report[]> {
  const reports: Report[] = [];
  for (const part of parts) {
    const measured = await PARTS[part](rounds ?? DEFAULT_ROUNDS[part]);
    await stopAll();
    measured.forEach(print);
    reports.push(...measured);
  }
  return reports;
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
  options: { rounds: { type: 'string' } },
});
const unknown = positionals.filter((name) => !isPart(name));
if (unknown.length > 0) {
  console.error(`No such part: ${unknown.join(', ')}. There are ${Object.keys(PARTS).join(', ')}.`);
  process.exit(1);
}
const chosen = positionals.length > 0 ? positionals : Object.keys(PARTS);

process.once('exit', () => BenchProcess.all.forEach((child) => child.kill()));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

try {
  write(
    await measure(chosen.filter(isPart), values.rounds === undefined ? undefined : Number(values.rounds)),
  );
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await stopAll();
}
process.exit();
