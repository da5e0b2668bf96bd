import { readFileSync } from 'node:fs';

/** Of `/proc`, on every Linux that people run this on: `getconf CLK_TCK`. */
const TICK_MS = 10;

/** CPU time that a process has taken so far, in milliseconds; 0 when it is gone. */
export function cpuMsOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field, the name, may contain anything; user and system time are the 14th and 15th.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  } catch {
    return 0;
  }
}
