import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as oauth from 'oauth4webapi';
import { NativeApp, oauthErrorOf } from '../../support/native-app.js';
import { Person } from '../../support/person.js';
import { startStack, type Stack } from '../../support/stack.js';

const REDIRECT = 'com.example.phone:/signed-in';
const TABLET_REDIRECT = 'https://tablet.example.com/signed-in';
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

const clients = [
  { client_id: 'phone', redirect_uris: [REDIRECT] },
  { client_id: 'tablet', redirect_uris: [TABLET_REDIRECT] },
];

describe('somebody who wants the session of an app', () => {
  let stack: Stack;
  let phone: NativeApp;
  let tablet: NativeApp;
  let person: Person;

  beforeAll(async () => {
    stack = await startStack({ environment: { NATIVE_CLIENTS: JSON.stringify(clients) } });
  });
  afterAll(() => stack.close());
  beforeEach(async () => {
    phone = await NativeApp.discover(stack.url, 'phone', REDIRECT);
    tablet = await NativeApp.discover(stack.url, 'tablet', TABLET_REDIRECT);
    person = new Person(stack.url, 'anna');
  });

  const ask = (url: string) => fetch(url, { redirect: 'manual' });
  const post = (path: string, body: string, headers: Record<string, string> = FORM) =>
    fetch(stack.url + path, { method: 'POST', headers, body });

  it.each([
    ['another place', { redirect_uri: 'https://evil.example/' }],
    ["another app's place", { redirect_uri: TABLET_REDIRECT }],
    ['a place that only begins like it', { redirect_uri: `${REDIRECT}.evil` }],
    ['an app that nobody knows', { client_id: 'evil' }],
  ])('is sent nowhere with %s', async (_what, changes) => {
    const { url } = await phone.begin(changes);
    const answer = await ask(url);
    expect(answer.status).toBe(400);
    expect(answer.headers.get('location')).toBeNull();
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(await answer.json()).toMatchObject({
      code: expect.stringMatching(/^(?:native_client_unknown|redirect_uri_not_registered)$/u) as string,
    });
  });

  it('is sent nowhere with a second redirect URI', async () => {
    const { url } = await phone.begin();
    const answer = await ask(`${url}&redirect_uri=${encodeURIComponent('https://evil.example/')}`);
    expect([answer.status, answer.headers.get('location')]).toEqual([400, null]);
  });

  it.each([
    ['no method', /&code_challenge_method=S256/u, ''],
    ['the plain method', /S256/u, 'plain'],
    ['no challenge', /&code_challenge=[\w-]+/u, ''],
  ])('cannot do without proof: %s', async (_what, pattern, replacement) => {
    const begun = await phone.begin();
    const answer = await ask(begun.url.replace(pattern, replacement));
    const location = answer.headers.get('location') ?? '';
    expect(location.startsWith(`${REDIRECT}?`)).toBe(true);
    const told = () => oauth.validateAuthResponse(phone.server, phone.client, new URL(location), begun.state);
    expect(told).toThrow(expect.objectContaining({ error: 'invalid_request' }));
  });

  it("cannot use a code that was made for somebody else's proof, and spoils it", async () => {
    const victim = await phone.begin();
    const answer = await phone.letLogIn(person, victim);
    const attacker = await phone.begin();
    const injected = new URL(answer);
    injected.searchParams.set('state', attacker.state);
    await expect(phone.exchange(attacker, injected.href).catch(oauthErrorOf)).resolves.toBe('invalid_grant');
    await expect(phone.exchange(victim, answer).catch(oauthErrorOf)).resolves.toBe('invalid_grant');
  });

  it('cannot use a code at another app', async () => {
    const begun = await phone.begin();
    const answer = new URL(await phone.letLogIn(person, begun));
    const atTablet = tablet.exchange(begun, `${TABLET_REDIRECT}${answer.search}`);
    await expect(atTablet.catch(oauthErrorOf)).resolves.toBe('invalid_grant');
  });

  it('cannot pass an answer of another server off as ours: it says whose it is', async () => {
    const begun = await phone.begin();
    const answer = new URL(await phone.letLogIn(person, begun));
    const other = { ...phone.server, issuer: 'https://other.example' };
    const mixedUp = () => oauth.validateAuthResponse(other, phone.client, answer, begun.state);
    expect(mixedUp).toThrow(/"iss"/u);
  });

  it('cannot finish a login in another browser than it was begun in', async () => {
    const begun = await phone.begin();
    const login = await person.agent.request(begun.url);
    const callback = await person.authorize(login.headers.get('location')!);
    const elsewhere = await ask(callback);
    expect(elsewhere.status).toBe(403);
    expect(elsewhere.headers.get('location')).toBeNull();
  });

  it("gets nothing by the cookie of a browser's session", async () => {
    await person.signIn();
    const cookie = person.agent.cookieHeader(stack.url);
    const { url } = await phone.begin();
    const answer = await fetch(url, { headers: { cookie }, redirect: 'manual' });
    expect(answer.headers.get('location')).toMatch(
      /^http:\/\/127\.0\.0\.1:\d+\/auth\/v3\/oauth\/authorize\?/u,
    );
    const value = person.agent.cookie(stack.url, 'session')!;
    expect(await phone.status('/auth/session', value)).toBe(401);
    const token = await post('/oauth/token', 'client_id=phone&grant_type=refresh_token', { ...FORM, cookie });
    expect(token.status).toBe(400);
  });

  it('cannot use a token as a cookie', async () => {
    const { access, refresh } = await phone.signIn(person);
    for (const value of [access, refresh]) {
      const answer = await fetch(`${stack.url}/auth/session`, { headers: { cookie: `session=${value}` } });
      expect(answer.status).toBe(401);
    }
    expect(await phone.status('/auth/session', refresh)).toBe(401);
    expect(await phone.status(`/auth/session?access_token=${access}`, 'x')).toBe(401);
  });

  it.each([
    ['JSON', '{"grant_type":"refresh_token"}', { 'content-type': 'application/json' }, 'invalid_request'],
    ['no type', 'grant_type=refresh_token', { 'content-type': 'text/plain' }, 'invalid_request'],
    ['an oversized form', `client_id=phone&x=${'x'.repeat(20_000)}`, FORM, 'invalid_request'],
    ['a parameter twice', 'client_id=phone&client_id=phone', FORM, 'invalid_request'],
    ['an unknown app', 'client_id=evil&grant_type=refresh_token', FORM, 'invalid_client'],
    ['another grant', 'client_id=phone&grant_type=client_credentials', FORM, 'unsupported_grant_type'],
    ['a token of nobody', 'client_id=phone&grant_type=refresh_token&refresh_token=x', FORM, 'invalid_grant'],
  ])('is refused in the words of OAuth, and nothing is cached: %s', async (_what, body, headers, error) => {
    const answer = await post('/oauth/token', body, headers);
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toContain('application/json');
    expect(answer.headers.get('cache-control')).toContain('no-store');
    expect(await answer.json()).toEqual({ error, error_description: expect.any(String) as string });
  });

  it('gets no page of another origin to read these endpoints', async () => {
    const origin = 'https://evil.example';
    const metadata = await fetch(`${stack.url}/.well-known/oauth-authorization-server`, {
      headers: { origin },
    });
    const token = await post('/oauth/token', 'client_id=phone', { ...FORM, origin });
    for (const { headers } of [metadata, token]) {
      expect(headers.get('access-control-allow-origin')).toBeNull();
    }
  });
});
