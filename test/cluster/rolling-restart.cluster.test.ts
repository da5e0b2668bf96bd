import { describe, expect, it } from 'vitest';
import { rollingRestart, type RollingRestartOptions } from '../support/rolling-restart.js';

const { ROLLING_RESTART_USERS } = process.env;
const isLarge = ROLLING_RESTART_USERS !== undefined;

/** As many as are asked for, at the rate that gateways have by default; otherwise so few that they must be spread. */
const USERS = isLarge ? Number(ROLLING_RESTART_USERS) : 60;
const ADMISSIONS_PER_S = isLarge ? 200 : 20;
const PUBLISH_EVERY_MS = isLarge ? 5_000 : 500;
const DRAIN_TIMEOUT_MS = 25_000;
const TIMEOUT_MS = isLarge ? 900_000 : 300_000;

describe.each([
  ['nginx', 0],
  ['haproxy', 0.25],
] as const)('a rolling restart of three gateways behind %s', (loadBalancer, ignoring) => {
  const run = async (more: Partial<RollingRestartOptions> = {}) => {
    const seen = await rollingRestart({
      users: USERS,
      loadBalancer,
      ignoring,
      admissionsPerSecond: ADMISSIONS_PER_S,
      publishEveryMs: PUBLISH_EVERY_MS,
      drainTimeoutMs: DRAIN_TIMEOUT_MS,
      progress: (text) => isLarge && console.log(text),
      ...more,
    });
    if (isLarge) console.log(JSON.stringify(seen, undefined, 2));
    return seen;
  };

  it(
    `is not noticed by ${USERS} people, ${ignoring * 100} % of them with clients that ignore drain`,
    async () => {
      const seen = await run();
      expect(seen).toMatchObject({ exitCodes: [0, 0, 0], faults: [], gaps: 0, notRecovered: 0 });
      expect(seen).toMatchObject({ tokenCalls: 0, handshakes: 0, sessionInits: 0, maxSessions: USERS });
      expect(seen.reconnects).toBeGreaterThanOrEqual(USERS);
      expect(seen.peakPerSecond).toBeLessThanOrEqual(seen.ratePerSecond);
      for (const ms of seen.drainMs) expect(ms).toBeLessThan(DRAIN_TIMEOUT_MS);
    },
    TIMEOUT_MS,
  );
});
