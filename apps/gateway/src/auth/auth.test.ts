import { SystemClock } from '@gw/kernel';
import { eventually } from '@gw/kernel/testing';
import { NativeEvents } from '@gw/native';
import { SessionsEvents } from '@gw/sessions';
import { TokensEvents } from '@gw/tokens';
import { type HttpAuthorizationServer, startHttpAuthorizationServer } from '@gw/tokens/testing';
import { UndiciAuthorizationServer } from '@gw/tokens/undici';
import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readConfig } from '../config.js';
import { ProblemFilter } from '../http/index.js';
import { embeddedState } from '../shared-state.js';
import { AuthModule } from './index.js';

const origin = 'http://localhost:3000';
const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0';

let upstream: HttpAuthorizationServer;
let server: UndiciAuthorizationServer;
let app: NestFastifyApplication;

beforeEach(async () => {
  upstream = await startHttpAuthorizationServer();
  const config = readConfig({
    OAUTH_AUTHORIZATION_URL: `${upstream.url}/authorize`,
    OAUTH_TOKEN_URL: `${upstream.url}/token`,
    OAUTH_USERINFO_URL: `${upstream.url}/userinfo`,
    OAUTH_SIGNOUT_URL: `${upstream.url}/sign-out`,
  });
  const clock = new SystemClock();
  server = new UndiciAuthorizationServer({ ...config.oauth, timeoutMs: 2_000 }, clock);
  const module = AuthModule.forRoot(config, {
    clock,
    shared: embeddedState(config, clock),
    authorizationServer: server,
    sessionsEvents: new SessionsEvents(),
    tokensEvents: new TokensEvents(),
    nativeEvents: new NativeEvents(),
  });
  Logger.overrideLogger(false);
  app = await NestFactory.create<NestFastifyApplication>(module, new FastifyAdapter());
  app.useGlobalFilters(new ProblemFilter());
  await app.init();
});
afterEach(async () => {
  await app.close();
  await server.close();
  await upstream.close();
});

type Method = 'GET' | 'POST' | 'DELETE';

/** Keeps cookies as a browser does, and follows the login by real HTTP. */
class Browser {
  readonly cookies = new Map<string, string>();
  readonly seen: string[] = [];

  async request(method: Method, url: string, headers: Record<string, string> = {}) {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await app.inject({
      method,
      url,
      headers: { 'user-agent': firefox, ...(cookie !== '' && { cookie }), ...headers },
    });
    this.seen.push(JSON.stringify(response.headers) + response.body);
    for (const { name, value, maxAge } of response.cookies) {
      if (maxAge === 0) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return response;
  }

  get(url: string) {
    return this.request('GET', url);
  }

  /** As a page of ours does it. */
  change(method: Method, url: string) {
    return this.request(method, url, { origin, 'x-csrf': '1' });
  }

  /** The callback URL that the authorization server sends the browser to. */
  async callback(returnTo = '/desk'): Promise<string> {
    const redirect = await this.get(`/auth/login?return_to=${encodeURIComponent(returnTo)}`);
    const back = await fetch(String(redirect.headers.location), { redirect: 'manual' });
    const url = new URL(back.headers.get('location') ?? '');
    expect(url.origin + url.pathname).toBe(`${origin}/auth/callback`);
    return url.pathname + url.search;
  }

  async login(): Promise<this> {
    expect((await this.get(await this.callback())).statusCode).toBe(302);
    return this;
  }
}

describe('logging in', () => {
  it('leads to the authorization server and back to where the person was, with a session', async () => {
    const browser = new Browser();
    const response = await browser.get(await browser.callback('/desk?tab=1'));
    expect(response.statusCode).toBe(302);
    expect(response.headers.location).toBe('/desk?tab=1');
    expect(response.headers['cache-control']).toBe('no-store');
    expect([response.headers['set-cookie']].flat()).toContainEqual(
      expect.stringMatching(/^session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/u),
    );
    expect([...browser.cookies.keys()]).toEqual(['session']);
    const session = await browser.get('/auth/session');
    expect(session.statusCode).toBe(200);
    expect(session.headers['cache-control']).toBe('no-store');
    expect(session.json()).toEqual({
      user: { id: 't100\\anna', userName: 't100\\anna', displayName: 'anna' },
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/u) as string,
      expiresAt: expect.stringMatching(/^\d{4}-.*Z$/u) as string,
      idleExpiresAt: expect.stringMatching(/^\d{4}-.*Z$/u) as string,
    });
  });

  it('works in several tabs at once', async () => {
    const browser = new Browser();
    const [first, second] = [await browser.callback('/first'), await browser.callback('/second')];
    expect((await browser.get(first)).headers.location).toBe('/first');
    expect((await browser.get(second)).headers.location).toBe('/second');
  });

  it('changes the session cookie each time', async () => {
    const browser = await new Browser().login();
    const before = browser.cookies.get('session');
    await browser.login();
    expect(browser.cookies.get('session')).not.toBe(before);
  });

  it('does not begin towards a foreign place', async () => {
    const response = await new Browser().get('/auth/login?return_to=https://evil.example/');
    expect(response.statusCode).toBe(400);
    expect(response.json()).toMatchObject({ code: 'return_to_not_allowed' });
    expect(response.headers['set-cookie']).toBeUndefined();
  });

  it.each(['', '?code=abc', '?state=abc', '?code=abc&state=made-up', '?error=access_denied&state=made-up'])(
    'is refused for the callback %j',
    async (query) => {
      const response = await new Browser().get(`/auth/callback${query}`);
      expect(response.statusCode).toBe(query === '?state=abc' ? 400 : 403);
      expect(response.headers['content-type']).toContain('application/problem+json');
      expect(upstream.tokenRequests).toEqual([]);
    },
  );

  it('is refused in another browser, and when it is repeated', async () => {
    const callback = await new Browser().callback();
    expect((await new Browser().get(callback)).json()).toMatchObject({
      status: 403,
      code: 'login_state_invalid',
    });
    const browser = new Browser();
    const own = await browser.callback();
    await browser.get(own);
    expect((await browser.get(own)).json()).toMatchObject({ status: 403, code: 'login_state_invalid' });
  });

  it('fails with a problem when the authorization server is down', async () => {
    const browser = new Browser();
    const callback = await browser.callback();
    await upstream.close();
    expect((await browser.get(callback)).json()).toMatchObject({
      status: 503,
      code: 'authorization_server_unavailable',
    });
    expect(browser.cookies.size).toBe(0);
  });
});

describe('a session', () => {
  it.each(['/auth/session', '/auth/sessions'])('is needed for %s: 401, not a redirect', async (url) => {
    const response = await new Browser().get(url);
    expect(response.statusCode).toBe(401);
    expect(response.json()).toMatchObject({ code: 'unauthenticated' });
    expect(response.headers['cache-control']).toBe('no-store');
  });

  it('ends by logout, once and for all, here and at the authorization server', async () => {
    const browser = await new Browser().login();
    const secret = browser.cookies.get('session') ?? '';
    const response = await browser.change('POST', '/auth/logout');
    expect(response.statusCode).toBe(204);
    expect(response.headers['cache-control']).toBe('no-store');
    expect(browser.cookies.size).toBe(0);
    browser.cookies.set('session', secret);
    expect((await browser.get('/auth/session')).statusCode).toBe(401);
    expect((await browser.change('POST', '/auth/logout')).statusCode).toBe(204);
    await eventually(() => expect(upstream.signOuts).toHaveLength(1));
    expect(upstream.signOuts[0]).toMatchObject({
      authorization: expect.stringMatching(/^Bearer [\w-]{36}$/u) as string,
      query: '?global=false',
    });
  });

  it('is not needed for a logout', async () => {
    expect((await new Browser().request('POST', '/auth/logout')).statusCode).toBe(204);
  });

  it.each([
    [{}, 'csrf_header_missing'],
    [{ origin }, 'csrf_header_missing'],
    [{ 'x-csrf': '1' }, 'csrf_origin_refused'],
    [{ 'x-csrf': '1', origin: 'https://evil.example' }, 'csrf_origin_refused'],
  ])('is not ended by a request with %j from who knows where', async (headers, code) => {
    const browser = await new Browser().login();
    expect((await browser.request('POST', '/auth/logout', headers)).json()).toMatchObject({
      status: 403,
      code,
    });
    expect((await browser.get('/auth/session')).statusCode).toBe(200);
  });

  it('is listed with the devices of its user, who may revoke them one by one', async () => {
    const desktop = await new Browser().login();
    const phone = await new Browser().login();
    const { sessions } = (await desktop.get('/auth/sessions')).json<{
      sessions: { id: string; device: string; current: boolean }[];
    }>();
    expect(sessions.map(({ device }) => device)).toEqual(['Firefox on Linux', 'Firefox on Linux']);
    const other = sessions.find(({ current }) => !current)?.id ?? '';
    expect((await desktop.request('DELETE', `/auth/sessions/${other}`)).statusCode).toBe(403);
    expect((await desktop.change('DELETE', `/auth/sessions/${other}`)).statusCode).toBe(204);
    expect((await phone.get('/auth/session')).statusCode).toBe(401);
    expect((await desktop.get('/auth/session')).statusCode).toBe(200);
  });

  it("cannot revoke another user's session", async () => {
    const anna = await new Browser().login();
    const { sessions } = (await anna.get('/auth/sessions')).json<{ sessions: { id: string }[] }>();
    upstream.userInfo = { username: 't100\\bob' };
    const bob = await new Browser().login();
    const response = await bob.change('DELETE', `/auth/sessions/${sessions[0]?.id ?? ''}`);
    expect(response.json()).toMatchObject({ status: 404, code: 'session_not_found' });
    expect((await anna.get('/auth/session')).statusCode).toBe(200);
  });

  it('shows the browser neither tokens nor what else the user information holds', async () => {
    const tokens: string[] = [];
    upstream.nextTokenAnswer = (response) => {
      tokens.push('access-token-in-full', 'refresh-token-in-full');
      response.end(JSON.stringify({ access_token: tokens[0], refresh_token: tokens[1], expires_in: 300 }));
    };
    const browser = await new Browser().login();
    await browser.get('/auth/session');
    await browser.get('/auth/sessions');
    await browser.change('POST', '/auth/logout');
    expect(tokens).toHaveLength(2);
    for (const hidden of [...tokens, 'hunter2', 'simulator-secret']) {
      expect(browser.seen.join('\n')).not.toContain(hidden);
    }
  });
});
