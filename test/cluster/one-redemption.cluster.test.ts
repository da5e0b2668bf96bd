import { eventually } from '@gw/kernel/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { useCluster } from '../support/cluster.js';
import { type Person } from '../support/person.js';

const CURRENT = '/api/workspace/v3/current-session';
const REQUESTS = 200;

describe.each([
  ['a refresh token that stays', false],
  ['refresh tokens that rotate', true],
])('200 requests of one person at three instances, with %s', (_name, rotateRefreshTokens) => {
  const cluster = useCluster({
    simulator: { accessTokenTtlS: 5, rotateRefreshTokens },
    environment: { LOG_LEVEL: 'warn' },
  });
  const control = () => cluster().simulator.control;
  let person: Person;
  let name: string;
  let tokensSince: number;

  /** Signs somebody in, and waits until the access token has expired at every instance. */
  async function expired(userName: string): Promise<void> {
    name = userName;
    person = await cluster().signIn(userName, cluster().gateways[0]);
    for (const { url } of cluster().gateways) {
      expect((await person.through(url).request(CURRENT)).status).toBe(200);
    }
    await new Promise((resolve) => setTimeout(resolve, 5_200));
    tokensSince = control().seen(name).tokens.refreshToken;
  }
  const redeemed = () => control().seen(name).tokens.refreshToken - tokensSince;

  async function askAll(): Promise<number[]> {
    const { gateways } = cluster();
    const answers = Array.from({ length: REQUESTS }, (_, index) =>
      person.through(gateways[index % gateways.length]!.url).request(CURRENT),
    );
    return (await Promise.all(answers)).map(({ status }) => status);
  }

  beforeEach(() => control().faults.clear());

  it('redeem it once when it has expired, and are all answered', async () => {
    await expired('anna');
    expect(new Set(await askAll())).toEqual(new Set([200]));
    expect(redeemed()).toBe(1);
    expect(control().seen(name).tokens.refused).toBe(0);
  });

  // The rest does not depend on it.
  if (!rotateRefreshTokens) return;

  it('wait for a token endpoint that takes 8 s, which is asked once', async () => {
    await expired('bela');
    control().faults.add({ on: 'token', kind: 'delay', delayMs: 8_000, times: 1 });
    const statuses = await askAll();
    expect(new Set(statuses)).toEqual(new Set([200]));
    // What was redeemed may already be due for its next renewal when the last of them is answered.
    expect(redeemed()).toBeLessThanOrEqual(2);
    expect(control().seen(name).tokens.refused).toBe(0);
  });

  it('are told to come back while the token endpoint answers 503, and nobody is logged out', async () => {
    await expired('chloe');
    control().faults.add({ on: 'token', kind: 'status', status: 503, times: Infinity });
    const asked = () => control().faults.list()[0]?.left;
    expect(asked()).toBe(Infinity);
    const until = Date.now() + 8_000;
    const seen = new Set<number>();
    while (Date.now() < until) {
      for (const status of await askAll()) seen.add(status);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    expect(seen).toEqual(new Set([503]));
    expect(redeemed()).toBe(0);
    control().faults.clear();
    await eventually(async () => {
      expect(new Set(await askAll())).toEqual(new Set([200]));
    }, 45_000);
    expect(control().seen(name).tokens.refused).toBe(0);
  });
});
