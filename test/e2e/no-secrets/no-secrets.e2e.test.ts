import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { leaksOf, placesOf } from '../../support/leaks.js';
import { recordOutput } from '../../support/output.js';
import { startTappedStack } from '../../support/stack.js';
import { type UpstreamSecrets, upstreamSecretsOf } from '../../support/upstream-secrets.js';
import { API_KEY, EXTRA_AGENTS, MARKER, playFullSession } from './full-session.js';

const PEOPLE = [
  ...['anna', 'bela', 'chloe', 'david'],
  ...Array.from({ length: EXTRA_AGENTS }, (_, index) => `user${index + 1}`),
];

/** Everything that the gateway let out, and what must not be in there. */
interface Evidence {
  readonly toClients: string;
  readonly fromClients: string;
  readonly log: string;
  readonly output: string;
  /** By the simulator's own account. */
  readonly issued: readonly string[];
  readonly onTheWire: UpstreamSecrets;
}

async function gather(): Promise<Evidence> {
  const output = recordOutput();
  const stack = await startTappedStack({
    simulator: {
      extraAgents: EXTRA_AGENTS,
      rotateRefreshTokens: true,
      apiKey: API_KEY,
      statisticsPeriodMs: 200,
    },
    environment: { LOG_LEVEL: 'trace', ENGAGE_API_KEY: API_KEY, UPSTREAM_TIMEOUT_MS: '1000' },
  });
  try {
    await playFullSession(stack);
  } finally {
    // What is said while closing counts too.
    await stack.close();
    vi.restoreAllMocks();
  }
  const { control } = stack.simulator;
  return {
    toClients: stack.clientSide.toClients,
    fromClients: stack.clientSide.toServer,
    log: stack.log(),
    output: output(),
    issued: PEOPLE.flatMap((user) => control.secrets(user)),
    onTheWire: upstreamSecretsOf(stack),
  };
}

describe('a full session, everything of it recorded', () => {
  let evidence: Evidence;
  beforeAll(async () => {
    evidence = await gather();
  });
  afterAll(() => vi.restoreAllMocks());

  const secrets = () => [
    ...evidence.issued,
    ...Object.values(evidence.onTheWire).flatMap((values: ReadonlySet<string>) => [...values]),
  ];

  it('is on record: heads, bodies, frames and log, with all that is secret behind the gateway', () => {
    const { toClients, log, issued, onTheWire } = evidence;
    expect(toClients).toContain('HTTP/1.1 101 Switching Protocols');
    expect(toClients).toContain('application/problem+json');
    expect(placesOf(MARKER, toClients).some((place) => place.includes('"receivedAt"'))).toBe(true);
    for (const line of ['token refreshed', 'notifications journaled', 'gateway has stopped']) {
      expect(log).toContain(line);
    }
    expect(issued.length).toBeGreaterThan(20);
    for (const [kind, values] of Object.entries(onTheWire)) {
      expect(values.size, kind).toBeGreaterThan(0);
    }
  });

  it('sends clients no token, code, upstream cookie, Bayeux client id, key or code verifier', () => {
    expect(leaksOf(secrets(), evidence.toClients)).toEqual([]);
  });

  it('logs none, at the most talkative level', () => {
    expect(leaksOf(secrets(), evidence.log)).toEqual([]);
  });

  it('prints none', () => {
    expect(leaksOf(secrets(), evidence.output)).toEqual([]);
  });

  it('sees each authorization code once from a browser, where the callback begins, and nothing else secret', () => {
    const { fromClients } = evidence;
    const codes = [...fromClients.matchAll(/^GET \/auth\/callback\?code=([\w-]+)/gm)].map(
      ([, code = '']) => code,
    );
    const issuedCodes = codes.filter((code) => evidence.issued.includes(code));
    expect(issuedCodes.length).toBeGreaterThanOrEqual(3);
    expect(issuedCodes).toEqual([...new Set(issuedCodes)]);
    for (const code of issuedCodes) expect(placesOf(code, fromClients)).toHaveLength(1);
    const others = secrets().filter((secret) => !issuedCodes.includes(secret));
    expect(leaksOf(others, fromClients)).toEqual([]);
  });

  it("tells each of the gateway's own cookies in one Set-Cookie, and nowhere else", () => {
    const { toClients, log, output } = evidence;
    const cookies = [...toClients.matchAll(/^set-cookie: (session|login-[\w-]+)=([^;\r]+); (.*)\r$/gim)];
    const names = new Set(cookies.map(([, name = '']) => name));
    expect(names.has('session')).toBe(true);
    expect(names.size).toBeGreaterThan(1);
    for (const [, , value = '', attributes = ''] of cookies) {
      expect(attributes).toMatch(/^Path=\/; HttpOnly; SameSite=Lax/);
      expect(placesOf(value, toClients)).toHaveLength(1);
      expect(leaksOf([value], log + output)).toEqual([]);
    }
    expect(placesOf('set-cookie: ', toClients.toLowerCase()).length).toBe(
      [...toClients.matchAll(/^set-cookie: (?:session|login-[\w-]+)=/gim)].length,
    );
  });
});
