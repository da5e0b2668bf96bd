import { type Simulator } from '@gw/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Person } from '../../support/person.js';
import { type Stack, startStack } from '../../support/stack.js';

type Fault = Omit<Parameters<Simulator['control']['faults']['add']>[0], 'user' | 'api' | 'on'>;

const UPSTREAM_TIMEOUT_MS = 1_000;
const CONFIGURATION = '/api/workspace/v3/configuration';

/** What becomes of a request, and what the person gets: a status, and the code of a problem. */
const requests: readonly [string, Fault, number, string?][] = [
  ['is answered 401: the answer of a second try, with a new token', { kind: 'status', status: 401 }, 200],
  ['is answered 403 once: the answer of a second try', { kind: 'status', status: 403 }, 200],
  ['is answered 403 again and again: just that', { kind: 'status', status: 403, times: 2 }, 403],
  ['is answered 402: just that', { kind: 'status', status: 402 }, 402],
  ['is answered 429: just that', { kind: 'status', status: 429 }, 429],
  ['is answered 500: just that', { kind: 'status', status: 500 }, 500],
  ['is answered 503: just that', { kind: 'status', status: 503 }, 503],
  ['is answered late, in time: the answer', { kind: 'delay', delayMs: 300 }, 200],
  ['is never answered: 504', { kind: 'hang' }, 504, 'upstream_timeout'],
  ['is answered when its time is over: 504', { kind: 'delay', delayMs: 3_000 }, 504, 'upstream_timeout'],
  ['is cut before it was done: 502', { kind: 'reset' }, 502, 'upstream_unreachable'],
  ['is cut after it was done: 502', { kind: 'lose-reply' }, 502, 'upstream_unreachable'],
];

describe('What a person gets whose request', () => {
  let stack: Stack;
  let person: Person;
  beforeAll(async () => {
    stack = await startStack({ environment: { UPSTREAM_TIMEOUT_MS: String(UPSTREAM_TIMEOUT_MS) } });
    person = await stack.signIn('anna');
    expect((await person.request(CONFIGURATION)).status).toBe(200);
  });
  afterAll(() => stack.close());

  it.each(requests)('%s', async (_what, fault, status, code) => {
    const { faults } = stack.simulator.control;
    const path = '/configuration';
    faults.add({ ...fault, api: 'workspace', on: 'rest', path, user: 'anna' });
    const answer = await person.request(CONFIGURATION);
    expect(answer.status).toBe(status);
    const type = answer.headers.get('content-type') ?? '';
    expect(type.includes('problem+json')).toBe(code !== undefined);
    if (code !== undefined) expect(JSON.parse(answer.text)).toMatchObject({ status, code });
    expect(faults.list()).toEqual([]);
    expect((await person.request(CONFIGURATION)).status).toBe(200);
  });

  it('is of a session that the platform has lost: the answer, in a new session', async () => {
    stack.simulator.control.forgetHttpSession('anna', 'workspace');
    expect((await person.request(CONFIGURATION)).status).toBe(200);
  });

  it('has truncated JSON: just that', async () => {
    stack.simulator.control.faults.add({ on: 'rest', kind: 'truncate', user: 'anna' });
    const { status, text } = await person.request(CONFIGURATION);
    expect(status).toBe(200);
    expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError);
  });

  it('is cut in the middle of the answer: 502, or half of it and a broken connection', async () => {
    stack.simulator.control.faults.add({ on: 'rest', kind: 'cut', user: 'anna' });
    const outcome = await person.request(CONFIGURATION).then(
      ({ status }) => status,
      () => 'broken',
    );
    expect([502, 'broken']).toContain(outcome);
    expect((await person.request(CONFIGURATION)).status).toBe(200);
  });

  it('is of somebody beside one whose requests all hang: the answer, at once', async () => {
    const bela = await stack.signIn('bela');
    stack.simulator.control.faults.add({ on: 'rest', kind: 'hang', user: 'anna', times: Infinity });
    const hanging = Array.from({ length: 20 }, () => person.request(CONFIGURATION));
    expect((await bela.request(CONFIGURATION)).status).toBe(200);
    const statuses = (await Promise.all(hanging)).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([504]));
    stack.simulator.control.faults.clear();
  });
});
