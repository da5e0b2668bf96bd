import { readFileSync } from 'node:fs';
import { BenchProcess } from './bench-process.js';
import { nowMs, pause } from './now.js';

/** /proc counts in hundredths of a second. */
const MS_PER_TICK = 10;

/** How many cores others keep busy just now. */
export async function foreignCores(lookMs: number): Promise<number> {
  return (await withForeignCpu(() => pause(lookMs))).foreignCores;
}

interface Reading {
  readonly atMs: number;
  readonly busyMs: number;
  readonly oursMs: number;
}

/** How many cores others kept busy while `run` ran; 0 where /proc does not tell. */
export async function withForeignCpu<T>(run: () => Promise<T>): Promise<{ result: T; foreignCores: number }> {
  const before = read();
  const result = await run();
  const after = read();
  if (!before || !after) return { result, foreignCores: 0 };
  const foreignMs = after.busyMs - before.busyMs - (after.oursMs - before.oursMs);
  return { result, foreignCores: Math.max(0, foreignMs / (after.atMs - before.atMs)) };
}

function read(): Reading | undefined {
  try {
    const [, ...columns] = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0]?.split(/ +/) ?? [];
    const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0, steal = 0] = columns.map(Number);
    const pids = [process.pid, ...[...BenchProcess.all].map(({ pid }) => pid)];
    const oursMs = pids.reduce((sum, pid) => sum + cpuMsOf(pid), 0);
    return { atMs: nowMs(), busyMs: (user + nice + system + irq + softIrq + steal) * MS_PER_TICK, oursMs };
  } catch {
    return undefined;
  }
}

/** proc(5): after the command's name in brackets, utime and stime are the 12th and 13th fields. */
function cpuMsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
}
