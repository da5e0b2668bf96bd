import { Secret } from '@gw/kernel';
import { FakeClock } from '@gw/kernel/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type HttpAuthorizationServer, startHttpAuthorizationServer } from '../testing/index.js';
import {
  UndiciAuthorizationServer,
  type UndiciAuthorizationServerOptions,
} from './undici-authorization-server.js';

let upstream: HttpAuthorizationServer;
let server: UndiciAuthorizationServer;
const clock = new FakeClock();

const open = (options: Partial<UndiciAuthorizationServerOptions> = {}) =>
  new UndiciAuthorizationServer(
    {
      tokenUrl: `${upstream.url}/token`,
      userInfoUrl: `${upstream.url}/userinfo`,
      signOutUrl: `${upstream.url}/sign-out`,
      clientId: 'desk',
      clientSecret: new Secret('s3cret'),
      timeoutMs: 2_000,
      ...options,
    },
    clock,
  );

beforeEach(async () => {
  upstream = await startHttpAuthorizationServer();
  server = open();
});
afterEach(async () => {
  await server.close();
  await upstream.close();
});

const refresh = () => server.refresh(new Secret('refresh-1'));

describe('the token endpoint', () => {
  it('gets the client by Basic authentication, and the API key when there is one', async () => {
    await refresh();
    expect(upstream.tokenRequests[0]?.headers.authorization).toBe(`Basic ${btoa('desk:s3cret')}`);
    expect(upstream.tokenRequests[0]?.headers).not.toHaveProperty('x-api-key');
    expect(upstream.tokenRequests[0]?.form.get('client_id')).toBeNull();
    await server.close();
    server = open({ apiKey: new Secret('key') });
    await refresh();
    expect(upstream.tokenRequests[1]?.headers['x-api-key']).toBe('key');
  });

  it('gets only the name of a public client, in the form', async () => {
    await server.close();
    server = open({ clientSecret: undefined });
    await refresh();
    expect(upstream.tokenRequests[0]?.form.get('client_id')).toBe('desk');
    expect(upstream.tokenRequests[0]?.headers.authorization).toBeUndefined();
  });

  it.each([
    ['a life in a string', { expires_in: '60' }, 60_000],
    ['no life', {}, undefined],
    ['null for what it leaves out', { expires_in: null, refresh_token: null }, undefined],
  ])('may answer with %s', async (_, members, lifeMs) => {
    upstream.nextTokenAnswer = (response) =>
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ access_token: 'a-token', token_type: 'bearer', ...members }));
    const grant = await refresh();
    if (grant.kind !== 'tokens') throw new Error(grant.kind);
    expect(grant.tokens.refreshToken?.reveal()).toBe('refresh-1');
    expect(grant.tokens.expiresAt).toBe(lifeMs && clock.now() + lifeMs);
  });

  it('gets code, redirect URI and verifier', async () => {
    const grant = await server.exchangeCode({
      code: 'abc',
      redirectUri: 'http://localhost/auth/callback',
      codeVerifier: new Secret('verifier'),
    });
    expect(grant).toEqual({ kind: 'invalid-grant' });
    expect(Object.fromEntries(upstream.tokenRequests[0]!.form)).toEqual({
      grant_type: 'authorization_code',
      code: 'abc',
      redirect_uri: 'http://localhost/auth/callback',
      code_verifier: 'verifier',
    });
  });

  it('may rotate the refresh token, or leave it and the life out', async () => {
    const rotated = await refresh();
    expect(rotated.kind === 'tokens' && rotated.tokens.expiresAt).toBe(clock.now() + 300_000);
    expect(rotated.kind === 'tokens' && rotated.tokens.refreshToken?.reveal()).toMatch(/^[\w-]{36}$/u);
    upstream.sendsRefreshToken = false;
    upstream.expiresIn = undefined;
    const kept = await refresh();
    expect(kept.kind === 'tokens' && kept.tokens.refreshToken?.reveal()).toBe('refresh-1');
    expect(kept.kind === 'tokens' && kept.tokens.expiresAt).toBeUndefined();
  });

  it.each([
    [400, { error: 'invalid_grant' }, { kind: 'invalid-grant' }],
    [
      401,
      { error: 'invalid_client' },
      { kind: 'unavailable', retryAfterMs: 3_000, reason: 'client-refused' },
    ],
    [400, { error: 'invalid_request' }, { kind: 'unavailable', retryAfterMs: 3_000, reason: 'status' }],
    [429, 'slow down', { kind: 'unavailable', retryAfterMs: 3_000, reason: 'status' }],
    [
      503,
      { error: 'temporarily_unavailable' },
      { kind: 'unavailable', retryAfterMs: 3_000, reason: 'status' },
    ],
    [200, { token: 'elsewhere' }, { kind: 'unavailable', retryAfterMs: 0, reason: 'malformed' }],
    [200, 'no JSON', { kind: 'unavailable', retryAfterMs: 0, reason: 'malformed' }],
  ])('answers %i %j: %j', async (status, body, grant) => {
    upstream.nextTokenAnswer = (response) =>
      response
        .writeHead(status, { 'retry-after': '3' })
        .end(typeof body === 'string' ? body : JSON.stringify(body));
    expect(await refresh()).toEqual(grant);
  });

  it('is given up when it is silent, or stops in the middle', async () => {
    await server.close();
    server = open({ timeoutMs: 100 });
    upstream.nextTokenAnswer = () => undefined;
    expect(await refresh()).toMatchObject({ kind: 'unavailable', reason: 'timeout' });
    upstream.nextTokenAnswer = (response) => response.writeHead(200).write('{"access');
    expect(await refresh()).toMatchObject({ kind: 'unavailable', reason: 'timeout' });
  });

  it('is not read beyond a sensible size', async () => {
    upstream.nextTokenAnswer = (response) => response.writeHead(200).end(`"${'x'.repeat(200_000)}"`);
    expect(await refresh()).toMatchObject({ kind: 'unavailable', reason: 'malformed' });
  });

  it('is not followed elsewhere with our credentials', async () => {
    upstream.nextTokenAnswer = (response) => response.writeHead(307, { location: '/token' }).end();
    expect(await refresh()).toMatchObject({ kind: 'unavailable', reason: 'status' });
    expect(upstream.tokenRequests).toHaveLength(1);
  });

  it('may be gone', async () => {
    await upstream.close();
    expect(await refresh()).toMatchObject({ kind: 'unavailable', reason: 'unreachable' });
  });
});

describe('the user information', () => {
  const user = () => server.userInfo(new Secret('access-1'));

  it.each([
    [
      { username: 't100\\anna', loginName: 'anna', authorities: [], password: 'hunter2' },
      { id: 't100\\anna', userName: 't100\\anna', displayName: 'anna' },
    ],
    [
      { sub: '42', user_name: 'anna', given_name: 'Anna', family_name: 'Schmidt', authorities: [] },
      { id: '42', userName: 'anna', displayName: 'Anna Schmidt' },
    ],
    [
      { sub: '42', name: 'Anna S.' },
      { id: '42', userName: '42', displayName: 'Anna S.' },
    ],
    [
      { username: 'anna', loginName: '', name: null },
      { id: 'anna', userName: 'anna', displayName: 'anna' },
    ],
  ])('of %j is %j', async (body, expected) => {
    upstream.userInfo = body;
    expect(await user()).toEqual(expected);
  });

  it.each([{}, { username: '' }, { username: '  ', loginName: 'anna' }, { username: 7 }, []])(
    'that names nobody (%j) is an error, not a person',
    async (body) => {
      upstream.userInfo = body;
      await expect(user()).rejects.toMatchObject({ code: 'authorization_server_failed' });
    },
  );
});

describe('a sign-out', () => {
  it('is of this token alone', async () => {
    await server.signOut(new Secret('access-1'));
    expect(upstream.signOuts).toEqual([{ authorization: 'Bearer access-1', query: '?global=false' }]);
  });

  it('that fails says so, without the token', async () => {
    await upstream.close();
    const error: unknown = await server.signOut(new Secret('access-1')).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'authorization_server_failed', kind: 'bad_gateway' });
    expect(JSON.stringify(error)).not.toContain('access-1');
  });
});
