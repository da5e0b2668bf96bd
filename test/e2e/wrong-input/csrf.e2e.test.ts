import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Person } from '../../support/person.js';
import { expectProblem } from '../../support/problem.js';
import { rawRequest } from '../../support/raw-http.js';
import { type Stack, startStack } from '../../support/stack.js';

const READY = '/api/workspace/v3/voice/ready';
const CURRENT = '/api/workspace/v3/current-session';

describe('a request that changes something', () => {
  let stack: Stack;
  let anna: Person;
  let cookie: string;
  beforeAll(async () => {
    stack = await startStack();
    anna = await stack.signIn('anna');
    cookie = anna.agent.cookieHeader(stack.url);
    expect((await anna.request(CURRENT)).status).toBe(200);
  });
  afterAll(() => stack.close());

  const rest = () => stack.simulator.control.seen('anna').apis.workspace.rest;
  let before: number;
  beforeEach(() => {
    before = rest();
  });

  const send = (method: string, path: string, headers: Record<string, string>) =>
    rawRequest(stack.url, `${method} ${path} HTTP/1.1`, { cookie, 'content-length': '0', ...headers });

  const CHANGES: readonly (readonly [string, string])[] = [
    ['POST', READY],
    ['PUT', READY],
    ['PATCH', READY],
    ['DELETE', '/api/workspace/v3/anything'],
    ['POST', '/auth/logout'],
    ['DELETE', '/auth/sessions/anything'],
  ];

  it('is refused without the header X-CSRF: 1', async () => {
    for (const [method, path] of CHANGES) {
      for (const headers of [{}, { 'x-csrf': '0' }, { 'x-csrf': '' }, { 'x-csrf': 'true' }]) {
        expectProblem(
          await send(method, path, { origin: stack.url, ...headers }),
          403,
          'csrf_header_missing',
        );
      }
    }
    expect(rest()).toBe(before);
  });

  it('is refused from a page that is not ours, and when nobody says where it is from', async () => {
    const { host, hostname } = new URL(stack.url);
    const foreign: Record<string, string>[] = [
      {},
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: '' },
      { origin: `https://${host}` },
      { origin: `http://${hostname}` },
      { origin: `${stack.url}.evil.example` },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'none' },
      { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' },
      { referer: `${stack.url}/` },
    ];
    for (const [method, path] of CHANGES) {
      for (const headers of foreign) {
        expectProblem(await send(method, path, { 'x-csrf': '1', ...headers }), 403, 'csrf_origin_refused');
      }
    }
    expect(rest()).toBe(before);
    expect((await anna.request('/auth/session')).status).toBe(200);
  });

  it('passes from our own page, by Origin or by Sec-Fetch-Site', async () => {
    for (const headers of [{ origin: stack.url }, { 'sec-fetch-site': 'same-origin' }]) {
      const answer = await send('POST', READY, { 'x-csrf': '1', ...headers });
      expect(answer.headers.get('content-type')).not.toContain('problem');
    }
    expect(rest()).toBe(before + 2);
  });

  it('is not what GET, HEAD and OPTIONS are: those need no such header', async () => {
    expect((await send('GET', CURRENT, {})).status).toBe(200);
    expect((await send('GET', CURRENT, { origin: 'https://evil.example' })).status).toBe(200);
    expect((await send('HEAD', CURRENT, {})).headers.get('content-type')).not.toContain('problem');
    expect((await send('GET', '/auth/session', {})).status).toBe(200);
  });

  it('of a foreign page is told no by CORS as well', async () => {
    const preflight = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-csrf' };
    for (const origin of ['https://evil.example', 'null']) {
      const asked = await send('OPTIONS', READY, { origin, ...preflight });
      const read = await send('GET', '/auth/session', { origin });
      for (const { headers } of [asked, read]) {
        expect(headers.get('access-control-allow-origin')).toBeNull();
      }
    }
    const ours = await send('OPTIONS', READY, { origin: stack.url, ...preflight });
    expect(ours.headers.get('access-control-allow-origin')).toBe(stack.url);
    expect(ours.headers.get('access-control-allow-credentials')).toBe('true');
    expect(rest()).toBe(before);
  });

  it('without a session gets 401 and never a redirect, whatever it asks for', async () => {
    const requests = [
      ...CHANGES.slice(0, 4),
      ['GET', CURRENT],
      ['GET', '/auth/session'],
      ['GET', '/auth/sessions'],
    ] as const;
    for (const dead of ['', 'session=', 'session=garbage', `session=${'A'.repeat(43)}`, 'session=%ff; x']) {
      for (const [method, path] of requests) {
        const headers = { cookie: dead, origin: stack.url, 'x-csrf': '1', accept: 'text/html' };
        expectProblem(await send(method, path, headers), 401, 'unauthenticated');
      }
    }
    expect(rest()).toBe(before);
  });
});
