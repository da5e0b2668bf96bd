// Process: the simulated platform, and what makes it send notifications.
import { startSimulator } from '@gw/simulator';
import { ready, serve } from '../measuring/serve.js';
import { nowMs } from '../measuring/now.js';
import { type BenchEvent, CHANNEL, userName } from './bench-event.js';

export interface PublishRequest {
  /** Numbers of the users, from the first up to but not including `to`. */
  readonly from: number;
  readonly to: number;
  readonly perSecond: number;
  readonly durationMs: number;
  readonly run: number;
}

/** With what surrounds it, a notification of about 600 bytes. */
const PADDING = 'x'.repeat(480);
const TICK_MS = 1;

const simulator = await startSimulator({
  extraAgents: Number(process.env.BENCH_USERS ?? 0),
  eventDelayMs: 5,
});

/** Open loop: late ticks are made up for, so a slow system is not spared. Returns how many were sent. */
function publish({ from, to, perSecond, durationMs, run }: PublishRequest): Promise<number> {
  const start = nowMs();
  let sent = 0;
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      const elapsed = Math.min(nowMs() - start, durationMs);
      for (const due = Math.floor((elapsed * perSecond) / 1_000); sent < due; sent += 1) {
        const data: BenchEvent = { messageType: 'Bench', run, sentAt: nowMs(), padding: PADDING };
        const user = userName(from + (sent % (to - from)));
        simulator.control.publish(user, 'workspace', CHANNEL, data);
      }
      if (elapsed < durationMs) return;
      clearInterval(timer);
      resolve(sent);
    }, TICK_MS);
  });
}

const commands = { publish };
export type Platform = typeof commands;

serve(commands);
ready(simulator.url);
