import { eventually } from '@gw/kernel/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expectProblem } from '../support/problem.js';
import { rawRequest } from '../support/raw-http.js';
import { type Stack, startStack } from '../support/stack.js';

const CONFIGURATION = '/api/workspace/v3/configuration';
const CHANNEL = { api: 'workspace', channel: '/workspace/v3/media/*' };

let stack: Stack;
afterEach(() => stack.close());

const start = async (environment: Readonly<Record<string, string>>) => {
  stack = await startStack({ environment });
};

describe('a client address', () => {
  const begin = (headers: Readonly<Record<string, string>> = {}) =>
    rawRequest(stack.url, 'GET /auth/login HTTP/1.1', headers);

  it('may begin so many logins, and is told when the next; a page of ours can read that', async () => {
    await start({ RATE_LIMITS: 'login=4/60' });
    for (let login = 0; login < 4; login += 1) expect((await begin()).status).toBe(302);
    const refused = await begin({ origin: stack.url });
    expectProblem(refused, 429, 'rate_limited');
    const { headers } = refused;
    expect(headers.get('retry-after')).toMatch(/^1[0-5]$/u);
    expect(headers.get('ratelimit-policy')).toBe('"login";q=4;w=60');
    expect(headers.get('ratelimit')).toMatch(/^"login";r=0;t=(?:59|60)$/u);
    expect(headers.get('access-control-allow-origin')).toBe(stack.url);
    expect(headers.get('access-control-expose-headers')).toMatch(/retry-after.*ratelimit/u);
    expect((await rawRequest(stack.url, 'GET /health/live HTTP/1.1')).status).toBe(200);
  });

  it('is not escaped from by another spelling, nor by naming another address', async () => {
    await start({ RATE_LIMITS: 'login=1/60' });
    await begin();
    const forged = { 'x-forwarded-for': '192.0.2.1', forwarded: 'for=192.0.2.1', 'x-real-ip': '192.0.2.1' };
    expectProblem(await begin(forged), 429, 'rate_limited');
    expectProblem(await rawRequest(stack.url, 'GET /auth/%6cogin HTTP/1.1'), 429, 'rate_limited');
    expect((await rawRequest(stack.url, 'HEAD /auth/login HTTP/1.1')).status).toBe(429);
  });

  it('is the one that a trusted proxy names', async () => {
    await start({ RATE_LIMITS: 'login=1/60', TRUSTED_PROXIES: 'loopback' });
    for (const client of ['192.0.2.1', '192.0.2.2', '2001:db8::1']) {
      expect((await begin({ 'x-forwarded-for': client })).status).toBe(302);
    }
    expect((await begin({ 'x-forwarded-for': '192.0.2.1' })).status).toBe(429);
    // Its own words come before what the proxy has added.
    expect((await begin({ 'x-forwarded-for': '192.0.2.99, 192.0.2.2' })).status).toBe(429);
    expect((await begin({ 'x-forwarded-for': '2001:db8::2' })).status).toBe(429);
  });

  it('may ask for so much, with a session or without', async () => {
    await start({ RATE_LIMITS: 'address=5/60' });
    const ask = (path: string) => rawRequest(stack.url, `GET ${path} HTTP/1.1`);
    for (const path of ['/auth/session', '/nowhere', CONFIGURATION, '/', '/auth/sessions']) {
      expect((await ask(path)).status).not.toBe(429);
    }
    for (const path of ['/auth/session', '/nowhere', CONFIGURATION]) {
      expectProblem(await ask(path), 429, 'rate_limited');
    }
  });

  it('may open so many sockets', async () => {
    await start({ RATE_LIMITS: 'connect-address=2/60' });
    const anna = await stack.signIn('anna');
    await Promise.all([anna.openTab().ready(), anna.openTab().ready()]);
    const handshake = {
      origin: stack.url,
      connection: 'upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'MDEyMzQ1Njc4OWFiY2RlZg==',
    };
    const target = '/socket.io/?EIO=4&transport=websocket';
    const refused = await rawRequest(stack.url, `GET ${target} HTTP/1.1`, handshake);
    expectProblem(refused, 429, 'rate_limited');
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/u);
  });
});

describe('a session', () => {
  it('may ask the platform so often, and is told how much is left when that is little', async () => {
    await start({ RATE_LIMITS: 'request=10/60' });
    const anna = await stack.signIn('anna');
    const bela = await stack.signIn('bela');
    const fields: (string | null)[] = [];
    for (let request = 0; request < 10; request += 1) {
      const answer = await anna.request(CONFIGURATION);
      expect(answer.status).toBe(200);
      fields.push(answer.headers.get('ratelimit'));
    }
    expect(fields.slice(0, 5)).toEqual([null, null, null, null, null]);
    expect(fields.at(-1)).toMatch(/^"request";r=0;t=\d+$/u);
    const seen = stack.simulator.control.seen('anna').apis.workspace.rest;
    const refused = await anna.request(CONFIGURATION);
    expectProblem(refused, 429, 'rate_limited');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(stack.simulator.control.seen('anna').apis.workspace.rest).toBe(seen);
    expect((await bela.request(CONFIGURATION)).status).toBe(200);
    expect((await anna.request('/auth/session')).status).toBe(200);
  });

  it('may connect so often', async () => {
    await start({ RATE_LIMITS: 'connect=2/60' });
    const anna = await stack.signIn('anna');
    await anna.openTab().ready();
    await anna.openTab().ready();
    expect((await anna.openTab().refused()).data?.code).toBe('rate_limited');
    await (await stack.signIn('bela')).openTab().ready();
  });

  it('may send so many messages; what is too many changes nothing, and a flood is cut off', async () => {
    await start({ RATE_LIMITS: 'message=5/60' });
    const anna = await stack.signIn('anna');
    const tab = anna.openTab();
    await tab.ready();
    for (let message = 0; message < 5; message += 1) {
      expect(await tab.emit('unsubscribe', CHANNEL)).toMatchObject({ ok: true });
    }
    expect(await tab.emit('subscribe', CHANNEL)).toMatchObject({
      ok: false,
      error: { code: 'rate_limited' },
    });
    expect(await tab.emit('nonsense', {})).toMatchObject({ ok: false, error: { code: 'rate_limited' } });
    expect(tab.socket.connected).toBe(true);
    for (let message = 0; message < 200; message += 1) tab.socket.emit('unsubscribe', CHANNEL, () => {});
    await eventually(() => expect(tab.socket.connected).toBe(false));
    expect(stack.log()).toContain('client disconnected: it floods the socket');
    // It comes back, with its cursor, as after any broken connection.
    await anna.openTab({ after: tab.cursor }).ready();
  });
});

describe('without limits', () => {
  beforeEach(() => start({ RATE_LIMITS: 'off' }));

  it('nothing is refused, and nobody is told of limits', async () => {
    const anna = await stack.signIn('anna');
    const answers = await Promise.all(Array.from({ length: 90 }, () => anna.request(CONFIGURATION)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(answers.some(({ headers }) => headers.has('ratelimit'))).toBe(false);
  });
});
