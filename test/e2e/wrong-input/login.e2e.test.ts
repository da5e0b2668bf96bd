import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AgentAnswer } from '../../support/cookie-agent.js';
import { locationOf, Person } from '../../support/person.js';
import { expectProblem } from '../../support/problem.js';
import { type Stack, startStack } from '../../support/stack.js';

describe('a login', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack();
  });
  afterAll(() => stack.close());

  const someone = () => new Person(stack.url, 'anna');
  const get = (person: Person, url: string): Promise<AgentAnswer> =>
    person.agent.request(url.startsWith('/') ? stack.url + url : url);
  /** A login in one more tab, up to the redirect back to us. */
  const callbackOf = async (person: Person, path = '/') => {
    const begun = await get(person, `/auth/login?return_to=${encodeURIComponent(path)}`);
    return person.authorize(locationOf(begun));
  };
  const withQuery = (callback: string, change: (query: URLSearchParams) => void): string => {
    const url = new URL(callback);
    change(url.searchParams);
    return url.href;
  };
  const expectRefused = async (person: Person, answer: AgentAnswer, status: number, code: string) => {
    expectProblem(answer, status, code);
    expect(person.agent.cookie(stack.url, 'session')).toBeUndefined();
    expectProblem(await person.request('/auth/session'), 401, 'unauthenticated');
  };

  it('is refused without its state, and with a malformed one', async () => {
    const anna = someone();
    const callback = await callbackOf(anna);
    const wrong: ((query: URLSearchParams) => void)[] = [
      (query) => query.delete('state'),
      (query) => query.set('state', ''),
      (query) => query.append('state', 'another'),
      (query) => query.set('state', 'x'.repeat(5_000)),
      (query) => query.set('state', '../../etc'),
      (query) => query.set('state', '__proto__'),
      (query) => query.set('state', `${query.get('state') ?? ''}x`),
    ];
    for (const change of wrong) {
      await expectRefused(anna, await get(anna, withQuery(callback, change)), 403, 'login_state_invalid');
    }
    expectProblem(await get(anna, '/auth/callback'), 403, 'login_state_invalid');
  });

  it('is refused when it was begun in another browser, and is then over for the first one too', async () => {
    const [anna, attacker] = [someone(), someone()];
    const callback = await callbackOf(attacker);
    await expectRefused(anna, await get(anna, callback), 403, 'login_state_invalid');
    await expectRefused(attacker, await get(attacker, callback), 403, 'login_state_invalid');
  });

  it('is refused when its state was used already', async () => {
    const anna = someone();
    const callback = await callbackOf(anna);
    expect((await get(anna, callback)).status).toBe(302);
    const thief = someone();
    expectProblem(await get(anna, callback), 403, 'login_state_invalid');
    await expectRefused(thief, await get(thief, callback), 403, 'login_state_invalid');
    expect((await anna.request('/auth/session')).status).toBe(200);
  });

  it('is refused when the person or the server says no', async () => {
    const codes = [
      ['access_denied', 403, 'login_denied'],
      ['temporarily_unavailable', 503, 'authorization_server_unavailable'],
      ['invalid_scope', 502, 'authorization_server_failed'],
      ['<script>', 502, 'authorization_server_failed'],
    ] as const;
    for (const [error, status, code] of codes) {
      const anna = someone();
      const answer = await get(
        anna,
        withQuery(await callbackOf(anna), (query) => {
          query.delete('code');
          query.set('error', error);
          query.set('error_description', 'words of <b>somebody else</b>');
        }),
      );
      await expectRefused(anna, answer, status, code);
      expect(answer.text).not.toContain('somebody else');
    }
  });

  it('is refused with a wrong code, without one, or with that of another login', async () => {
    const [anna, bela] = [someone(), new Person(stack.url, 'bela')];
    const foreign = new URL(await callbackOf(bela)).searchParams.get('code') ?? '';
    for (const code of ['wrong', foreign]) {
      const url = withQuery(await callbackOf(anna), (query) => query.set('code', code));
      await expectRefused(anna, await get(anna, url), 403, 'login_code_refused');
    }
    for (const change of [
      (q: URLSearchParams) => q.delete('code'),
      (q: URLSearchParams) => q.append('code', 'x'),
    ]) {
      await expectRefused(
        anna,
        await get(anna, withQuery(await callbackOf(anna), change)),
        400,
        'login_malformed',
      );
    }
  });

  it('works in several tabs at once, whichever comes back first', async () => {
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 2, 0],
    ]) {
      const anna = someone();
      const paths = ['/one', '/two?x=1', '/three#part'];
      const callbacks: string[] = [];
      for (const path of paths) callbacks.push(await callbackOf(anna, path));
      for (const tab of order) expect(locationOf(await get(anna, callbacks[tab]!))).toBe(paths[tab]);
      expect((await anna.request('/auth/session')).status).toBe(200);
    }
  });

  it('works when tabs come back at the same moment', async () => {
    const anna = someone();
    const callbacks = [await callbackOf(anna), await callbackOf(anna)];
    const answers = await Promise.all(callbacks.map((callback) => get(anna, callback)));
    expect(answers.map(({ status }) => status)).toEqual([302, 302]);
    expect((await anna.request('/auth/session')).status).toBe(200);
  });
});
