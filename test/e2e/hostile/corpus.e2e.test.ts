import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exchangeBytes } from '../../support/raw-connection.js';
import { type Attack, MARK, SMUGGLED } from './corpus/attack.js';
import { bodyAttacks } from './corpus/bodies.js';
import { headerAttacks } from './corpus/headers.js';
import { methodAttacks } from './corpus/methods.js';
import { pathAttacks } from './corpus/paths.js';
import { smugglingAttacks } from './corpus/smuggling.js';
import { startTarget, type Target } from './target.js';

const corpus: Readonly<Record<string, readonly Attack[]>> = {
  paths: pathAttacks,
  headers: headerAttacks,
  methods: methodAttacks,
  bodies: bodyAttacks,
  smuggling: smugglingAttacks,
};

/** What the person could have asked for: beneath the profile's base paths, plainly spelt. */
const ALLOWED_TARGET = /^\/(?:workspace|statistics|provisioning)\/v3\/[\w./%-]*(?:\?[!-~]*)?$/;

describe('the hostile corpus', () => {
  let target: Target;
  beforeAll(async () => {
    target = await startTarget();
  });
  afterAll(() => target.close());

  /** One attack, and what came of it: a list of faults, empty if all is well. */
  const faultsOf = async ({ name, bytes, arrives }: Attack): Promise<string[]> => {
    const { upstream, victim, port } = target;
    const before = upstream.arrivals.length;
    const unreadable = upstream.unreadable;
    const { statuses, closed } = await exchangeBytes(port, bytes(victim));
    const arrivals = upstream.arrivals.slice(before);
    const faults = arrivals.flatMap((arrival) => target.uncleanIn(arrival));
    const expected = arrives === 'maybe' ? Math.min(arrivals.length, 1) : arrives;
    if (arrivals.length !== expected) faults.push(`${arrivals.length} arrived`);
    if (upstream.unreadable !== unreadable) faults.push('the upstream could not read what it got');
    const refusals = statuses.filter((status) => status >= 400 && status < 500);
    if (statuses.includes(429)) faults.push('it was not judged but slowed down');
    if (refusals.length + expected < statuses.length) faults.push(`answered ${statuses.join(', ')}`);
    if (refusals.length === 0 && expected === 0 && !closed) faults.push('neither refused nor closed');
    return faults.length === 0 ? [] : [`${name}: ${faults.join('; ')}`];
  };

  it('is one of at least 200 different requests', () => {
    const all = Object.values(corpus).flat();
    const victim = { host: 'h', origin: 'o', cookie: 'c' };
    expect(new Set(all.map(({ bytes }) => bytes(victim))).size).toBeGreaterThanOrEqual(200);
  });

  it.each(Object.keys(corpus))(
    'gets nothing upstream that it should not, and leaves a gateway that works: %s',
    async (kind) => {
      const faults: string[] = [];
      for (const attack of corpus[kind] ?? []) {
        faults.push(...(await faultsOf(attack)));
        const honest = await target.askHonestly();
        if (honest !== 200) faults.push(`${attack.name}: an honest request then got ${honest}`);
      }
      expect(faults).toEqual([]);
    },
  );

  it('has taken the gateway down at no time, and made it fail at nothing', () => {
    const { arrivals } = target.upstream;
    expect(target.isTheSameProcess()).toBe(true);
    expect(target.log()).not.toMatch(/a request failed|unhandled|uncaught|ERROR|FATAL/i);
    expect(arrivals.length).toBeGreaterThan(100);
    expect(arrivals.filter(({ target: path }) => !ALLOWED_TARGET.test(path))).toEqual([]);
    expect(arrivals.filter(({ target: path }) => path.includes(SMUGGLED))).toEqual([]);
    expect(arrivals.filter(({ rawHeaders }) => rawHeaders.join('\n').includes(MARK))).toEqual([]);
  });
});
