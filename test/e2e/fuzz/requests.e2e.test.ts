import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exchangeBytes } from '../../support/raw-connection.js';
import { bodyAttacks } from '../hostile/corpus/bodies.js';
import { headerAttacks } from '../hostile/corpus/headers.js';
import { pathAttacks } from '../hostile/corpus/paths.js';
import { smugglingAttacks } from '../hostile/corpus/smuggling.js';
import { text } from '../hostile/corpus/attack.js';
import { startTarget, type Target } from '../hostile/target.js';
import { campaign, finding, inParallel } from './campaign.js';

const WIDTH = 24;
const SILENCE_MS = 60;
const SEEDS = [...pathAttacks, ...headerAttacks, ...bodyAttacks, ...smugglingAttacks].filter(
  ({ bytes }) => bytes({ host: '', origin: '', cookie: '' }).length < 3_000,
);
const HONEST_LINES = [
  ...[
    'GET /api/workspace/v3/me HTTP/1.1',
    'GET /auth/session HTTP/1.1',
    'GET /auth/login?return_to=/x HTTP/1.1',
  ],
  ...['GET /auth/callback?state=abc&code=def HTTP/1.1', 'GET /health/ready HTTP/1.1', 'GET / HTTP/1.1'],
  ...[
    'DELETE /auth/sessions/abc HTTP/1.1',
    'PUT /api/statistics/v3/x?y=z HTTP/1.1',
    'OPTIONS /api/x HTTP/1.1',
  ],
];

const COOKIES = [
  'session=abc',
  'login-abcdefghijklmnop=xyz',
  '__Host-session=abc',
  'a=b; c="d"; $e=f',
  '__proto__=1',
];
const COOKIE_LINES = ['GET /auth/session HTTP/1.1', 'GET /auth/callback?state=abc&code=def HTTP/1.1'];

describe('random and mutated requests', () => {
  let target: Target;
  beforeAll(async () => {
    target = await startTarget();
  });
  afterAll(() => target.close());

  /** Sends each input and returns what was wrong with any. */
  const findingsOf = async (runs: number, input: () => string): Promise<string[]> => {
    const findings: string[] = [];
    await inParallel(runs, WIDTH, async () => {
      const bytes = input();
      const { statuses } = await exchangeBytes(target.port, bytes, SILENCE_MS);
      const failed = statuses.filter((status) => status >= 500 || status === 429);
      if (failed.length > 0) findings.push(finding(`answered ${failed.join(', ')}`, bytes));
    });
    for (const arrival of target.upstream.arrivals.splice(0)) {
      // A mark passes in a field whose name was mutated into an ordinary one.
      const unclean = target.uncleanIn(arrival).filter((what) => what !== 'a mark');
      if (unclean.length > 0) findings.push(finding(unclean.join(), JSON.stringify(arrival)));
    }
    if (target.upstream.unreadable > 0) findings.push('the upstream could not read what it got');
    return findings;
  };

  const expectSound = async (findings: readonly string[]): Promise<void> => {
    expect(findings).toEqual([]);
    expect(target.isTheSameProcess()).toBe(true);
    expect(target.log()).not.toMatch(/a request failed|unhandled|uncaught|ERROR|FATAL/i);
    expect(await target.askHonestly()).toBe(200);
  };

  const requests = campaign('requests');
  it(
    `never make it fail, nor bring the upstream what it must not see (${requests.runs})`,
    { timeout: requests.timeoutMs },
    async () => {
      const { runs, mutator } = requests;
      const input = () => {
        if (mutator.below(20) === 0) return mutator.bytes(300);
        const honest = text(target.victim, { line: mutator.oneOf(HONEST_LINES) });
        return mutator.text(mutator.below(2) === 0 ? honest : mutator.oneOf(SEEDS).bytes(target.victim));
      };
      await expectSound(await findingsOf(runs, input));
    },
  );

  const cookies = campaign('cookies');
  it(
    `with cookies of any kind are somebody’s or nobody’s (${cookies.runs})`,
    { timeout: cookies.timeoutMs },
    async () => {
      const { runs, mutator } = cookies;
      const input = () => {
        const header =
          mutator.below(4) === 0
            ? mutator.bytes(200)
            : mutator.text(mutator.oneOf([...COOKIES, target.victim.cookie]));
        const message = {
          line: mutator.oneOf(COOKIE_LINES),
          without: ['cookie'],
          fields: [`Cookie: ${header}`],
        };
        return text(target.victim, message);
      };
      await expectSound(await findingsOf(runs, input));
    },
  );
});
