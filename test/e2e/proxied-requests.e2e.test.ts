import { request } from 'node:http';
import { eventually } from '@gw/kernel/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BulkUpstream } from '../support/bulk-upstream.js';
import { type Person } from '../support/person.js';
import { expectProblem } from '../support/problem.js';
import { rawRequest } from '../support/raw-http.js';
import { type Stack, startStack } from '../support/stack.js';

const REST = '/api/statistics/v3/anything';
const CONFIGURATION = '/api/workspace/v3/configuration';

describe('a page’s request to the platform', () => {
  let upstream: BulkUpstream;
  let stack: Stack;
  let cookie: string;
  beforeAll(async () => {
    upstream = await BulkUpstream.start();
    stack = await startStack({ environment: { ENGAGE_API_URL: upstream.url } });
    const anna = await stack.signIn('anna');
    cookie = anna.agent.cookieHeader(stack.url);
  });
  afterAll(async () => {
    await stack.close();
    await upstream.close();
  });

  const send = (method: string, headers: Readonly<Record<string, string>> = {}) =>
    rawRequest(stack.url, `${method} ${REST} HTTP/1.1`, { cookie, 'content-length': '0', ...headers });

  it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('is a %s there, too', async (method) => {
    const answer = await send(method, { origin: stack.url, 'x-csrf': '1' });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toEqual({ method, length: 0 });
  });

  it('is announced by a preflight, which the gateway answers itself', async () => {
    const preflight = { origin: stack.url, 'access-control-request-method': 'PUT' };
    const { status, headers, text } = await send('OPTIONS', preflight);
    expect([status, text]).toEqual([204, '']);
    expect(headers.get('access-control-allow-methods')).toContain('PUT');
  });

  it('is answered with the gateway’s CORS headers, and varies by what both say', async () => {
    const { headers } = await send('GET', { origin: stack.url });
    expect(headers.get('access-control-allow-origin')).toBe(stack.url);
    expect(headers.get('vary')).toBe('Origin, Accept-Encoding');
    const foreign = await send('GET', { origin: 'https://evil.example' });
    expect(foreign.headers.get('access-control-allow-origin')).toBeNull();
    const once = await send('POST', { origin: stack.url, 'x-csrf': '1', 'idempotency-key': '"vary"' });
    expect(once.headers.get('vary')).toBe('Origin, Accept-Encoding');
  });
});

describe('a person with as many requests under way as are allowed', () => {
  let stack: Stack;
  let anna: Person;
  beforeAll(async () => {
    stack = await startStack({ environment: { MAX_REQUESTS_PER_USER: '4' } });
    anna = await stack.signIn('anna');
    expect((await anna.request(CONFIGURATION)).status).toBe(200);
  });
  afterAll(() => stack.close());

  it('is told to wait, until one of them is over or given up; others are served', async () => {
    const bela = await stack.signIn('bela');
    stack.simulator.control.faults.add({ on: 'rest', kind: 'hang', user: 'anna', times: Infinity });
    const cookie = anna.agent.cookieHeader(stack.url);
    const statuses: (number | undefined)[] = [];
    const sent = Array.from({ length: 5 }, () => {
      const asked = request(`${stack.url}${CONFIGURATION}`, { headers: { cookie } });
      asked.once('response', (answer) => statuses.push(answer.resume().statusCode));
      asked.on('error', () => {});
      return asked.end();
    });
    await eventually(() => expect(statuses).toEqual([429]));
    const refused = await anna.request(CONFIGURATION);
    expectProblem(refused, 429, 'too_many_in_flight');
    expect(refused.headers.get('retry-after')).toBe('1');
    expect((await bela.request(CONFIGURATION)).status).toBe(200);
    // One of the two is not the refused one.
    for (const asked of sent.slice(0, 2)) asked.destroy();
    stack.simulator.control.faults.clear();
    await eventually(async () => expect((await anna.request(CONFIGURATION)).status).toBe(200));
    for (const asked of sent) asked.destroy();
  });
});
