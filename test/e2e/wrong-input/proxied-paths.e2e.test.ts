import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Person } from '../../support/person.js';
import { expectProblem } from '../../support/problem.js';
import { rawRequest } from '../../support/raw-http.js';
import { startTappedStack, type TappedStack } from '../../support/stack.js';

/** Targets that some server on the way could read as another path, or that lead out of the profile. */
const REFUSED = [
  ...['/api/', '/api//', '/api/../', '/api/..', '/api/.', '/api/elsewhere', '/api/auth/v3/userinfo'],
  ...[
    '/api/../workspace/v3/current-session',
    '/api/workspace/v3/../../auth/v3/userinfo',
    '/api/workspace/v3/./me',
  ],
  ...[
    '/api/workspace/v3/%2e%2e/%2e%2e/auth/v3/userinfo',
    '/api/workspace/v3/%2E./x',
    '/api/workspace/v3/.%2e/x',
  ],
  ...['/api/workspace/v3/%252e%252e/x', '/api/workspace/v3/..%2fx', '/api/workspace%2fv3/current-session'],
  ...['/api/workspace/v3/x%2fy', '/api/workspace/v3/x%5cy', '/api/workspace/v3/x\\..\\y'],
  ...['/api//workspace/v3/current-session', '/api/workspace//v3/current-session', '/api/workspace/v3//x'],
  ...['/api/workspace/v3/x;y', '/api/workspace/v3/..;/x', '/api/workspace/v3/current-session;jsessionid=1'],
  ...['/api/workspace/v3/x%00', '/api/workspace/v3/x%0d%0aHost:evil', '/api/workspace/v3/x%09'],
  ...[
    '/api/WORKSPACE/v3/current-session',
    '/api/workspace/V3/current-session',
    '/api/workspace/v3',
    '/api/workspace/v30/x',
  ],
  ...['/api/workspacev3/x', '/api/@evil.example/workspace/v3/x', '/api/http://evil.example/workspace/v3/x'],
  ...[
    '/api/workspace/v3/notifications',
    '/api/workspace/v3/notifications/connect',
    '/api/workspace/v3/Notifications/x',
  ],
  ...[
    '/api/workspace/v3/notifications/',
    '/api/workspace/v3/%6eotifications',
    '/api/statistics/v3/notifications/handshake',
  ],
  ...[
    '/api/workspace/v3/initialize-workspace',
    '/api/workspace/v3/INITIALIZE-workspace',
    '/api/workspace/v3/logout',
  ],
  ...[
    '/api/workspace/v3/logout?x=1',
    '/api/workspace/v3/login',
    '/api/workspace/v3/oauth/token',
    '/api/workspace/v3/oauth',
  ],
  ...[
    '/api/provisioning/v3/initialize-provisioning',
    '/api/provisioning/v3/logout',
    '/api/provisioning/v3/oauth/x',
  ],
];

/** Targets that the router itself knows no path for. */
const UNKNOWN = [
  '/api\\workspace/v3/x',
  '/nowhere',
  '/API/workspace/v3/current-session',
  '/apis',
  '/auth',
  '/auth/../api/x',
  '/%61uth/',
  '//api/x',
];

describe('a path', () => {
  let stack: TappedStack;
  let anna: Person;
  let headers: Record<string, string>;
  beforeAll(async () => {
    stack = await startTappedStack();
    anna = await stack.signIn('anna');
    const cookie = anna.agent.cookieHeader(stack.url);
    headers = { cookie, origin: stack.url, 'x-csrf': '1', 'content-length': '0' };
    expect((await anna.request('/api/workspace/v3/current-session')).status).toBe(200);
  });
  afterAll(() => stack.close());

  const ask = (method: string, target: string) =>
    rawRequest(stack.url, `${method} ${target} HTTP/1.1`, headers);
  /** Asks, and sees to it that nothing was sent upstream for it. */
  const askInVain = async (method: string, target: string) => {
    const before = stack.upstreamSide.toServer.length;
    const answer = await ask(method, target);
    expect(stack.upstreamSide.toServer.length, target).toBe(before);
    return answer;
  };

  it.each(['GET', 'POST'])('is refused when it leads out of what may be proxied: %s', async (method) => {
    for (const target of REFUSED) {
      const answer = await askInVain(method, target);
      expect([403, target]).toEqual([answer.status, target]);
      expectProblem(answer, 403, 'route_not_allowed');
    }
  });

  it('is refused in absolute form, and in forms that are no path', async () => {
    for (const target of [
      `${stack.url}/api/workspace/v3/current-session`,
      'http://evil.example/api/workspace/v3/current-session',
    ]) {
      expectProblem(await askInVain('GET', target), 403, 'route_not_allowed');
    }
    for (const target of ['*', 'api/workspace/v3/x', 'evil.example:443']) {
      const answer = await askInVain('GET', target);
      expect(answer.status, target).toBeGreaterThanOrEqual(400);
      expect(answer.status, target).toBeLessThan(500);
    }
  });

  it('that nobody knows gets 404, as a problem', async () => {
    for (const target of UNKNOWN) expectProblem(await askInVain('GET', target), 404, 'not_found');
    expectProblem(await askInVain('PUT', '/auth/session'), 404, 'not_found');
  });

  it('that cannot be decoded gets 400, as a problem', async () => {
    for (const target of ['/%', '/api/workspace/v3/%zz', '/auth/%ff', '/api/workspace/v3/%c0%ae']) {
      expectProblem(await askInVain('GET', target), 400, 'bad_request');
    }
  });

  it('that is long, or with odd headers, is refused and not failed on', async () => {
    const long = await askInVain('GET', `/api/workspace/v3/${'x'.repeat(20_000)}`);
    expectProblem(long, 431, 'request_header_fields_too_large');
    expectProblem(await askInVain('GET', '/with a space'), 400, 'bad_request');
    const many = await rawRequest(stack.url, 'GET /nowhere HTTP/1.1', {
      ...headers,
      'x-request-id': '<b>',
    });
    expectProblem(many, 404, 'not_found');
    expect(many.headers.get('x-request-id')).toMatch(/^[\w-]+$/);
    expect(stack.log()).not.toMatch(/"level":(?:50|60)/);
  });

  it('that may be proxied still is', async () => {
    const before = stack.simulator.control.seen('anna').apis.workspace.rest;
    expect((await ask('GET', '/api/workspace/v3/current-session?x=%2F%2e')).status).toBe(200);
    expect(stack.simulator.control.seen('anna').apis.workspace.rest).toBe(before + 1);
  });
});
