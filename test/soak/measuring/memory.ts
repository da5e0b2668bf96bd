import { existsSync, readFileSync } from 'node:fs';
import { type Point, slope } from './statistics.js';

interface MemoryLine {
  readonly at: number;
  readonly pid: number;
  readonly rss: number;
  readonly heapUsed: number;
  readonly external: number;
}

/** How the memory of one gateway process went, after garbage collections. */
export interface MemorySlope {
  readonly gateway: string;
  readonly minutes: number;
  readonly rssMb: number;
  readonly heapMb: number;
  /** MB a minute, by least squares; the warm-up is left out. */
  readonly rssSlope: number;
  readonly heapSlope: number;
}

const MB = 1024 * 1024;
const MINUTE_MS = 60_000;
const WARM_UP_MS = 60_000;
/** A line through less says nothing. */
const LEAST_MS = 60_000;

/** As an option of Node: has a gateway write to the file `MEMORY_REPORT` what memory it takes. */
export const reportsMemory = `--import=${new URL('report-memory.mjs', import.meta.url).href}`;

/** Of the longest-lived process that wrote to `file`; undefined when none lived long enough. */
export function memorySlopeIn(file: string, gateway: string): MemorySlope | undefined {
  if (!existsSync(file)) return undefined;
  const lives = new Map<number, MemoryLine[]>();
  for (const text of readFileSync(file, 'utf8').trimEnd().split('\n')) {
    const line = JSON.parse(text) as MemoryLine;
    lives.set(line.pid, [...(lives.get(line.pid) ?? []), line]);
  }
  const longest = [...lives.values()].toSorted((a, b) => lengthOf(b) - lengthOf(a))[0] ?? [];
  const first = longest[0];
  const warm = first ? longest.filter(({ at }) => at - first.at >= WARM_UP_MS) : [];
  const last = warm.at(-1);
  if (!last || lengthOf(warm) < LEAST_MS) return undefined;
  const line = (y: (line: MemoryLine) => number): Point[] =>
    warm.map((one) => ({ x: one.at / MINUTE_MS, y: y(one) / MB }));
  return {
    gateway,
    minutes: lengthOf(warm) / MINUTE_MS,
    rssMb: last.rss / MB,
    heapMb: last.heapUsed / MB,
    rssSlope: slope(line(({ rss }) => rss)) ?? NaN,
    heapSlope: slope(line(({ heapUsed }) => heapUsed)) ?? NaN,
  };
}

function lengthOf(lines: readonly MemoryLine[]): number {
  return (lines.at(-1)?.at ?? 0) - (lines[0]?.at ?? 0);
}
