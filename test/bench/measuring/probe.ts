// Loaded into every measured process before its own code (`node --import`).
import { serve } from './serve.js';

/** CPU time, user and system, in milliseconds since the process started. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** After garbage collection; several, because finalizers free in the turn that follows. */
async function memory(): Promise<NodeJS.MemoryUsage> {
  for (let turn = 0; turn < 4; turn += 1) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return process.memoryUsage();
}

const probes = { cpuMs, memory };
export type Probes = typeof probes;

serve(probes);
