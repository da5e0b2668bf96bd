import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  BASIC,
  HttpClient,
  clientOf,
  tokensSchema,
  type Answer,
  type Tokens,
} from '../testing/http-client.js';
import { simulators } from '../testing/simulator.js';
import { FakeClock } from '@gw/kernel/testing';

const start = simulators();
const CALLBACK = 'http://localhost:3000/auth/callback';
const REQUEST = { response_type: 'code', client_id: 'engage-gateway', redirect_uri: CALLBACK, state: 's 1' };
const S256 = { code_challenge_method: 'S256', code_challenge: challengeOf('a-verifier') };

function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url');
}

function authorize(browser: HttpClient, request: Record<string, string> = REQUEST): Promise<Answer> {
  return browser.get(`/auth/v3/oauth/authorize?${new URLSearchParams(request).toString()}`);
}

function signIn(browser: HttpClient, request: Record<string, string> = REQUEST): Promise<Answer> {
  return browser.postForm('/auth/v3/sign-in', { ...request, username: 'anna', password: 'demo' });
}

function codeIn(answer: Answer): string {
  return new URL(answer.headers.get('location') ?? '').searchParams.get('code') ?? '';
}

/** A server-side client that authenticates by Basic. */
function application(url: string): HttpClient {
  const client = new HttpClient(url);
  client.headers.authorization = BASIC;
  return client;
}

function redeem(client: HttpClient, code: string, more: Record<string, string> = {}): Promise<Answer> {
  const form = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, ...more };
  return client.postForm('/auth/v3/oauth/token', form);
}

function refresh(client: HttpClient, refresh_token: string): Promise<Answer> {
  return client.postForm('/auth/v3/oauth/token', { grant_type: 'refresh_token', refresh_token });
}

async function tokensOf(client: HttpClient, username: string): Promise<Tokens> {
  const form = { grant_type: 'password', username, password: 'demo' };
  return tokensSchema.parse((await client.postForm('/auth/v3/oauth/token', form)).json);
}

describe('a browser at the authorization endpoint', () => {
  it('signs in on a page, and returns with a code and its state', async () => {
    const { url } = await start();
    const browser = new HttpClient(url);
    const page = await authorize(browser);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(page.text).toContain('<label for="username">');
    expect(page.text).toContain('name="state" value="s 1"');

    const answer = await signIn(browser);
    expect(answer.status).toBe(303);
    const back = new URL(answer.headers.get('location') ?? '');
    expect(back.origin + back.pathname).toBe(CALLBACK);
    expect(back.searchParams.get('state')).toBe('s 1');
  });

  it('passes silently the second time', async () => {
    const { url } = await start();
    const browser = new HttpClient(url);
    await signIn(browser);
    const answer = await authorize(browser);
    expect(answer.status).toBe(302);
    expect(codeIn(answer)).not.toBe('');
  });

  it('is told that the password is wrong, with what was typed kept and escaped', async () => {
    const { url } = await start();
    const form = { ...REQUEST, username: '"><script>', password: 'no' };
    const answer = await new HttpClient(url).postForm('/auth/v3/sign-in', form);
    expect(answer.status).toBe(401);
    expect(answer.text).toContain('role="alert"');
    expect(answer.text).toContain('&quot;&gt;&lt;script&gt;');
  });

  it.each([
    ['an unknown client', { client_id: 'nobody' }],
    ['a foreign redirect URI', { redirect_uri: 'https://evil.example/cb' }],
    ['a redirect URI that only looks local', { redirect_uri: 'http://localhost@evil.example/' }],
  ])('is not sent anywhere for %s', async (_name, change) => {
    const { url } = await start();
    const answer = await authorize(new HttpClient(url), { ...REQUEST, ...change });
    expect(answer.status).toBe(400);
    expect(answer.headers.get('location')).toBeNull();
  });

  it('may return below a registered redirect URI, and not beside it', async () => {
    const { url } = await start({ redirectUris: ['https://desk.example/app'] });
    const browser = new HttpClient(url);
    const below = await authorize(browser, { ...REQUEST, redirect_uri: 'https://desk.example/app/cb' });
    const beside = await authorize(browser, { ...REQUEST, redirect_uri: 'https://desk.example/apple' });
    expect([below.status, beside.status]).toEqual([200, 400]);
  });

  it('is sent back with an error for another response type than code', async () => {
    const { url } = await start();
    const answer = await authorize(new HttpClient(url), { ...REQUEST, response_type: 'token' });
    expect(answer.headers.get('location')).toBe(`${CALLBACK}?error=unsupported_response_type&state=s+1`);
  });
});

describe('an authorization code', () => {
  it('is redeemed once', async () => {
    const { url, control } = await start();
    const code = codeIn(await signIn(new HttpClient(url)));
    const first = await redeem(application(url), code);
    expect(first.json).toMatchObject({ token_type: 'bearer', expires_in: 43_200, scope: '*' });
    const second = await redeem(application(url), code);
    expect(second.status).toBe(400);
    expect(second.json).toMatchObject({ error: 'invalid_grant' });
    expect(control.seen('anna').tokens).toMatchObject({ authorizationCode: 1 });
  });

  it('dies after a minute', async () => {
    const clock = new FakeClock();
    const { url } = await start({ clock });
    const code = codeIn(await signIn(new HttpClient(url)));
    await clock.elapse(60_000);
    expect((await redeem(application(url), code)).json).toMatchObject({ error: 'invalid_grant' });
  });

  it('needs the redirect URI it was issued for', async () => {
    const { url } = await start();
    const code = codeIn(await signIn(new HttpClient(url)));
    const answer = await redeem(application(url), code, { redirect_uri: 'http://localhost:3000/other' });
    expect(answer.json).toMatchObject({ error: 'invalid_grant' });
  });

  it.each([
    ['the right verifier', { code_verifier: 'a-verifier' }, 200],
    ['a wrong verifier', { code_verifier: 'another' }, 400],
    ['no verifier', {}, 400],
  ])('with a PKCE challenge and %s answers %3$s', async (_name, proof, status) => {
    const { url } = await start();
    const code = codeIn(await signIn(new HttpClient(url), { ...REQUEST, ...S256 }));
    expect((await redeem(application(url), code, proof)).status).toBe(status);
  });

  it('of a public client is redeemed without a secret', async () => {
    const { url } = await start();
    const code = codeIn(await signIn(new HttpClient(url), { ...REQUEST, client_id: 'engage-public' }));
    const answer = await redeem(new HttpClient(url), code, { client_id: 'engage-public' });
    expect(answer.status).toBe(200);
  });
});

describe('the token endpoint', () => {
  it('refuses a client with a wrong secret, or a confidential one without', async () => {
    const { url } = await start();
    const wrong = new HttpClient(url);
    wrong.headers.authorization = `Basic ${Buffer.from('engage-gateway:guess').toString('base64')}`;
    const answers = [
      await refresh(wrong, 'x'),
      await redeem(new HttpClient(url), 'x', { client_id: 'engage-gateway' }),
    ];
    for (const { status, json } of answers) {
      expect(status).toBe(401);
      expect(json).toMatchObject({ error: 'invalid_client' });
    }
  });

  it('refuses a wrong password and an unknown grant', async () => {
    const { url, control } = await start();
    const client = application(url);
    const password = { grant_type: 'password', username: 'anna', password: 'no' };
    expect((await client.postForm('/auth/v3/oauth/token', password)).json).toMatchObject({
      error: 'invalid_grant',
    });
    const grant = await client.postForm('/auth/v3/oauth/token', { grant_type: 'magic' });
    expect(grant.json).toMatchObject({ error: 'unsupported_grant_type' });
    expect(control.seen('anna').tokens.refused).toBe(1);
    expect(control.seenTotals().tokens.refused).toBe(2);
  });

  it('refreshes with the same refresh token again and again, by default', async () => {
    const { url, control } = await start();
    const client = application(url);
    const { refresh_token, access_token } = await tokensOf(client, 't100\\anna');
    const first = tokensSchema.parse((await refresh(client, refresh_token)).json);
    expect(first.access_token).not.toBe(access_token);
    expect((await refresh(client, first.refresh_token)).status).toBe(200);
    expect(control.seen('anna').tokens).toMatchObject({ refreshToken: 2, password: 1 });
  });

  it('with rotation refuses the refresh token that was used', async () => {
    const { url } = await start({ rotateRefreshTokens: true });
    const client = application(url);
    const { refresh_token } = await tokensOf(client, 'anna');
    const rotated = tokensSchema.parse((await refresh(client, refresh_token)).json);
    expect((await refresh(client, refresh_token)).json).toMatchObject({ error: 'invalid_grant' });
    expect((await refresh(client, rotated.refresh_token)).status).toBe(200);
  });

  it('refuses a refresh token that was revoked', async () => {
    const { url, control } = await start();
    const { refresh_token } = await tokensOf(application(url), 'anna');
    control.revokeRefreshTokens('anna');
    expect((await refresh(application(url), refresh_token)).json).toMatchObject({ error: 'invalid_grant' });
  });
});

describe('a bearer token', () => {
  it('tells whose it is', async () => {
    const { url } = await start();
    const client = await clientOf(url, 'anna');
    expect((await client.get('/auth/v3/userinfo')).json).toMatchObject({
      username: 't100\\anna',
      loginName: 'anna',
      authorities: [
        { name: 'ROLE_AGENT', privileges: [] },
        { name: 'ROLE_ADMIN', privileges: [] },
      ],
    });
    expect((await client.get('/auth/v3/openid/userinfo')).json).toMatchObject({
      user_name: 't100\\anna',
      given_name: 'Anna',
    });
  });

  it('lives as long as configured', async () => {
    const clock = new FakeClock();
    const { url } = await start({ clock, accessTokenTtlS: 30 });
    const client = await clientOf(url, 'anna');
    await clock.elapse(29_999);
    expect((await client.get('/auth/v3/userinfo')).status).toBe(200);
    await clock.elapse(1);
    const late = await client.get('/auth/v3/userinfo');
    expect(late.status).toBe(401);
    expect(late.json).toMatchObject({ error: 'invalid_token' });
  });

  it('can be expired by the control API', async () => {
    const { url, control } = await start();
    const client = await clientOf(url, 'anna');
    control.expireAccessTokens('anna');
    expect((await client.get('/auth/v3/userinfo')).status).toBe(401);
  });
});

describe('signing out', () => {
  async function browserWithTokens(
    url: string,
  ): Promise<{ browser: HttpClient; bearer: HttpClient; tokens: Tokens }> {
    const browser = new HttpClient(url);
    const code = codeIn(await signIn(browser));
    const tokens = tokensSchema.parse((await redeem(application(url), code)).json);
    const bearer = new HttpClient(url);
    bearer.headers.authorization = `Bearer ${tokens.access_token}`;
    return { browser, bearer, tokens };
  }

  it('by token ends the tokens and the login session they came from', async () => {
    const { url, control } = await start();
    const { browser, bearer, tokens } = await browserWithTokens(url);
    expect((await bearer.post('/auth/v3/sign-out?global=false')).json).toEqual({ status: { code: 0 } });
    expect((await bearer.get('/auth/v3/userinfo')).status).toBe(401);
    expect((await refresh(application(url), tokens.refresh_token)).status).toBe(400);
    expect((await authorize(browser)).text).toContain('Sign in');
    expect(control.seen('anna').signOuts).toBe(1);
  });

  it('leaves other tokens of the user alone, unless it is global', async () => {
    const { url } = await start();
    const { bearer } = await browserWithTokens(url);
    const other = await clientOf(url, 'anna');
    await bearer.post('/auth/v3/sign-out');
    expect((await other.get('/auth/v3/userinfo')).status).toBe(200);
    const third = await clientOf(url, 'anna');
    await third.post('/auth/v3/sign-out?global=true');
    expect((await other.get('/auth/v3/userinfo')).status).toBe(401);
  });

  it('by the browser ends its login session and returns where it may', async () => {
    const { url } = await start();
    const { browser } = await browserWithTokens(url);
    expect((await browser.get('/auth/v3/ping')).status).toBe(200);
    const answer = await browser.get('/auth/v3/sign-out?redirectUri=http://localhost:3000/');
    expect(answer.headers.get('location')).toBe('http://localhost:3000/');
    expect((await browser.get('/auth/v3/ping')).status).toBe(403);
    expect((await browser.get('/auth/v3/sign-out?redirectUri=https://evil.example/')).status).toBe(400);
  });
});

describe('the API key', () => {
  it('is wanted on every call but the browser pages, when one is set', async () => {
    const { url } = await start({ apiKey: 'k1' });
    const client = application(url);
    expect((await refresh(client, 'x')).status).toBe(403);
    client.headers['x-api-key'] = 'k1';
    expect((await refresh(client, 'x')).status).toBe(400);
    expect((await authorize(new HttpClient(url))).status).toBe(200);
  });
});
