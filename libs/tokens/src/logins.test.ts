import { asUserId } from '@gw/kernel';
import { FakeClock } from '@gw/kernel/testing';
import { Sessions } from '@gw/sessions';
import { MemorySessionStore } from '@gw/sessions/memory';
import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { type LoginCookie } from './login-cookies.js';
import { Logins } from './logins.js';
import { MemoryLoginAttempts } from './memory/index.js';
import { PassportCodeFlow } from './passport/index.js';
import { FakeAuthorizationServer } from './testing/index.js';

const origin = 'https://desk.example.com';
const callbackUrl = `${origin}/auth/callback`;

let clock: FakeClock;
let server: FakeAuthorizationServer;
let sessions: Sessions;
let logins: Logins;

beforeEach(() => {
  clock = new FakeClock();
  server = new FakeAuthorizationServer(clock);
  sessions = new Sessions(new MemorySessionStore(clock), clock, { idleTtlMs: 36e5, maxTtlMs: 36e5 });
  const authorizationUrl = 'https://auth.example.com/oauth/authorize?tenant=t100';
  const flow = new PassportCodeFlow(
    { authorizationUrl, clientId: 'desk', callbackUrl },
    new MemoryLoginAttempts(clock),
    server,
  );
  logins = new Logins(flow, sessions, { publicOrigin: origin, allowedReturnOrigins: [] });
});

/** Keeps cookies as a browser does. */
class Browser {
  readonly cookies = new Map<string, string>();

  store(cookies: readonly LoginCookie[]): void {
    for (const { name, value, maxAgeMs } of cookies) {
      if (maxAgeMs > 0) this.cookies.set(name, value);
      else this.cookies.delete(name);
    }
  }

  async begin(...[returnTo]: [unknown?]): Promise<URL> {
    const { location, cookies } = await logins.begin({ returnTo, cookies: this.cookies });
    this.store(cookies);
    return new URL(location);
  }

  async return(query: unknown, formerSecret?: string) {
    const outcome = await logins.complete({
      query,
      cookies: this.cookies,
      userAgent: 'Firefox/1',
      formerSecret,
    });
    this.store(outcome.cookies);
    return outcome;
  }
}

const stateOf = (location: URL) => location.searchParams.get('state') ?? '';
const refusal = (outcome: Awaited<ReturnType<Browser['return']>>) =>
  outcome.kind === 'refused' ? outcome.error.code : outcome.kind;

describe('a login', () => {
  it('asks for a code, with state and PKCE S256, and keeps the parameters of the authorization URL', async () => {
    const location = await new Browser().begin();
    expect(location.origin + location.pathname).toBe('https://auth.example.com/oauth/authorize');
    expect(Object.fromEntries(location.searchParams)).toEqual({
      tenant: 't100',
      response_type: 'code',
      client_id: 'desk',
      redirect_uri: callbackUrl,
      state: expect.stringMatching(/^[\w-]{43}$/u) as string,
      code_challenge: expect.stringMatching(/^[\w-]{43}$/u) as string,
      code_challenge_method: 'S256',
    });
  });

  it('ends with a session and where the person wanted to go', async () => {
    const browser = new Browser();
    const location = await browser.begin('/desk?tab=2');
    const outcome = await browser.return({ code: 'abc', state: stateOf(location) });
    if (outcome.kind !== 'signed-in') throw new Error(refusal(outcome));
    expect(outcome.returnTo).toBe('/desk?tab=2');
    expect(outcome.session).toMatchObject({ user: server.user, device: 'Firefox' });
    expect(await sessions.authenticate(outcome.secret, { touch: false })).toEqual(outcome.session);
    expect(browser.cookies.size).toBe(0);
    const [exchange] = server.exchanges;
    expect(exchange).toMatchObject({ code: 'abc', redirectUri: callbackUrl });
    const challenge = createHash('sha256').update(exchange!.codeVerifier.reveal()).digest('base64url');
    expect(location.searchParams.get('code_challenge')).toBe(challenge);
  });

  it('goes on in several tabs at once, in any order', async () => {
    const browser = new Browser();
    const tabs = [
      await browser.begin('/first'),
      await browser.begin('/second'),
      await browser.begin('/third'),
    ];
    const outcomes = [];
    for (const tab of tabs.toReversed())
      outcomes.push(await browser.return({ code: 'c', state: stateOf(tab) }));
    expect(outcomes.map((one) => one.kind === 'signed-in' && one.returnTo)).toEqual([
      '/third',
      '/second',
      '/first',
    ]);
    expect(await sessions.ofUser(server.user.id)).toHaveLength(3);
  });

  it('goes home when nobody said where', async () => {
    const browser = new Browser();
    const outcome = await browser.return({ code: 'c', state: stateOf(await browser.begin()) });
    expect(outcome.kind === 'signed-in' && outcome.returnTo).toBe('/');
  });

  it.each([['https://evil.example/'], ['//evil.example'], [['/a', '/b']], ['']])(
    'does not begin towards %j',
    async (returnTo) => {
      await expect(new Browser().begin(returnTo)).rejects.toMatchObject({ code: 'return_to_not_allowed' });
    },
  );

  it('keeps the session that the same person had in this browser, and ends it together with the new one', async () => {
    const browser = new Browser();
    const first = await browser.return({ code: 'c', state: stateOf(await browser.begin()) });
    if (first.kind !== 'signed-in') throw new Error(refusal(first));
    const query = { code: 'c', state: stateOf(await browser.begin()) };
    const second = await browser.return(query, first.secret);
    if (second.kind !== 'signed-in') throw new Error(refusal(second));
    expect(await sessions.load(first.session.id)).toBeDefined();
    await sessions.end(second.session.id, 'logout');
    expect(await sessions.ofUser(server.user.id)).toEqual([]);
  });

  it('ends the session that somebody else had in this browser', async () => {
    const browser = new Browser();
    const first = await browser.return({ code: 'c', state: stateOf(await browser.begin()) });
    if (first.kind !== 'signed-in') throw new Error(refusal(first));
    const again = await browser.return({ code: 'c', state: stateOf(await browser.begin()) }, first.secret);
    expect(again.kind).toBe('signed-in');
    expect(await sessions.load(first.session.id)).toBeDefined();
    server.user = { id: asUserId('bob'), userName: 'bob', displayName: 'Bob' };
    await browser.return({ code: 'c', state: stateOf(await browser.begin()) }, first.secret);
    expect(await sessions.load(first.session.id)).toBeUndefined();
  });

  it('leaves no more than ten cookies, however often it is begun', async () => {
    const browser = new Browser();
    let last = await browser.begin();
    for (let time = 0; time < 30; time += 1) last = await browser.begin();
    expect(browser.cookies.size).toBe(10);
    expect(refusal(await browser.return({ code: 'c', state: stateOf(last) }))).toBe('signed-in');
  });
});

describe('a callback', () => {
  it.each([
    {},
    { code: 'c' },
    { error: 'access_denied' },
    { code: 'c', state: '' },
    { code: 'c', state: ['a', 'b'] },
    7,
  ])('without a state is refused: %j', async (query) => {
    expect(refusal(await new Browser().return(query))).toBe('login_state_invalid');
  });

  it('with a state that nobody began is refused', async () => {
    expect(refusal(await new Browser().return({ code: 'c', state: 'made-up' }))).toBe('login_state_invalid');
  });

  it('is refused in another browser than the one that began (login CSRF)', async () => {
    const attacker = new Browser();
    const location = await attacker.begin();
    const victim = new Browser();
    await victim.begin();
    expect(refusal(await victim.return({ code: 'attackers', state: stateOf(location) }))).toBe(
      'login_state_invalid',
    );
    expect(server.exchanges).toEqual([]);
  });

  it('is refused with the cookie of another attempt of the same browser', async () => {
    const browser = new Browser();
    const [first, second] = [await browser.begin(), await browser.begin()];
    const [firstName, secondName] = [...browser.cookies.keys()];
    browser.cookies.set(secondName!, browser.cookies.get(firstName!)!);
    expect(refusal(await browser.return({ code: 'c', state: stateOf(second) }))).toBe('login_state_invalid');
    expect(refusal(await browser.return({ code: 'c', state: stateOf(first) }))).toBe('signed-in');
  });

  it('works once', async () => {
    const browser = new Browser();
    const state = stateOf(await browser.begin());
    const cookies = new Map(browser.cookies);
    await browser.return({ code: 'c', state });
    for (const [name, value] of cookies) browser.cookies.set(name, value);
    expect(refusal(await browser.return({ code: 'c', state }))).toBe('login_state_invalid');
    expect(server.exchanges).toHaveLength(1);
  });

  it('comes too late after ten minutes', async () => {
    const browser = new Browser();
    const location = await browser.begin();
    await clock.elapse(600_000);
    expect(refusal(await browser.return({ code: 'c', state: stateOf(location) }))).toBe(
      'login_state_invalid',
    );
  });

  it('with neither code nor error is malformed', async () => {
    const browser = new Browser();
    const state = stateOf(await browser.begin());
    expect(refusal(await browser.return({ state }))).toBe('login_malformed');
  });

  it.each([
    ['access_denied', 'login_denied', 'forbidden'],
    ['server_error', 'authorization_server_unavailable', 'unavailable'],
    ['temporarily_unavailable', 'authorization_server_unavailable', 'unavailable'],
    ['invalid_scope', 'authorization_server_failed', 'bad_gateway'],
  ])('with the error %s is refused as %s, and its state is used up', async (error, code, kind) => {
    const browser = new Browser();
    const state = stateOf(await browser.begin());
    const outcome = await browser.return({ error, state, error_description: '<script>' });
    expect(outcome).toMatchObject({ kind: 'refused', error: { code, kind } });
    expect(outcome.kind === 'refused' && outcome.error.message).not.toContain('script');
    expect(refusal(await browser.return({ code: 'c', state }))).toBe('login_state_invalid');
  });

  it.each([
    [{ kind: 'invalid-grant' } as const, 'login_code_refused'],
    [
      { kind: 'unavailable', retryAfterMs: 0, reason: 'timeout' } as const,
      'authorization_server_unavailable',
    ],
    [
      { kind: 'unavailable', retryAfterMs: 0, reason: 'client-refused' } as const,
      'authorization_server_failed',
    ],
  ])('whose code exchange ends in %j is refused as %s', async (answer, code) => {
    const browser = new Browser();
    server.answers.push(answer);
    expect(refusal(await browser.return({ code: 'c', state: stateOf(await browser.begin()) }))).toBe(code);
  });
});
