import { nowMs } from './now.js';

export interface Load {
  /** Numbers of the users, from the first up to but not including `to`. */
  readonly from: number;
  readonly to: number;
  readonly perSecond: number;
  readonly durationMs: number;
}

const TICK_MS = 1;

/**
 * Sends to one user after the other. Open loop: late ticks are made up for, so a slow system is not spared.
 * Returns how many were sent.
 */
export function openLoop(load: Load, send: (user: number) => void): Promise<number> {
  const { from, to, perSecond, durationMs } = load;
  const start = nowMs();
  let sent = 0;
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      const elapsed = Math.min(nowMs() - start, durationMs);
      for (const due = Math.floor((elapsed * perSecond) / 1_000); sent < due; sent += 1) {
        send(from + (sent % (to - from)));
      }
      if (elapsed < durationMs) return;
      clearInterval(timer);
      resolve(sent);
    }, TICK_MS);
  });
}
