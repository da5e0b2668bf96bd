import { eventually } from '@gw/kernel/testing';
import { io, type ManagerOptions, type Socket } from 'socket.io-client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Person } from '../support/person.js';
import { expectProblem } from '../support/problem.js';
import { rawRequest } from '../support/raw-http.js';
import { type Stack, startStack } from '../support/stack.js';

const RATE = 5;
const SOCKETS = 40;
const SECOND_MS = 1_000;
const HANDSHAKE = 'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1';
const UPGRADE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
};

describe('an instance to which more sockets come than it admits in a second', () => {
  let stack: Stack;
  let anna: Person;
  const sockets: Socket[] = [];
  beforeAll(async () => {
    stack = await startStack({ environment: { SOCKET_ADMISSIONS_PER_S: String(RATE) } });
    anna = await stack.signIn('anna');
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.disconnect();
    await new Promise((resolve) => setTimeout(resolve, SECOND_MS));
  });
  afterAll(() => stack.close());

  const open = (options: Partial<ManagerOptions> = {}) => {
    const headers = { cookie: anna.agent.cookieHeader(stack.url), origin: stack.url };
    const socket = io(stack.url, {
      transports: ['websocket'],
      forceNew: true,
      extraHeaders: headers,
      ...options,
    });
    sockets.push(socket);
    return socket;
  };
  it('admits them at that rate, and all at last, though they know nothing but to try again', async () => {
    const startedAt = performance.now();
    let connected = 0;
    for (let n = 0; n < SOCKETS; n += 1) {
      const socket = open({ reconnectionDelay: 200, reconnectionDelayMax: 500 });
      socket.on('connect', () => (connected += 1));
    }
    await eventually(() => expect(connected).toBe(SOCKETS), 30_000);
    // Not before: the last of them had to wait for all the seconds before its own.
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual((SOCKETS / RATE - 1) * SECOND_MS);
  });

  it('tells those who can act on it when to come back, and then they are admitted', async () => {
    let refusals = 0;
    let connected = 0;
    for (let n = 0; n < 3 * RATE; n += 1) {
      const socket = open({ query: { understands: 'busy' }, reconnection: false });
      socket.on('connect', () => (connected += 1));
      socket.on('connect_error', (error: Error & { data?: { code?: string; retryAfterMs?: number } }) => {
        refusals += 1;
        // Beyond what can be explained in a second there is no data.
        const { code, retryAfterMs } = error.data ?? { retryAfterMs: 2 * SECOND_MS };
        if (error.data) expect(code).toBe('busy');
        setTimeout(() => socket.connect(), retryAfterMs);
      });
    }
    await eventually(() => expect(connected).toBe(3 * RATE), 20_000);
    expect(refusals).toBeGreaterThanOrEqual(RATE);
  });

  it('says so in a problem with Retry-After at the handshake, and log and metrics say how many', async () => {
    for (let n = 0; n < RATE; n += 1) open({ reconnection: false });
    await eventually(() => expect(sockets.filter(({ connected }) => connected)).toHaveLength(RATE));
    const answer = await rawRequest(stack.url, HANDSHAKE, { ...UPGRADE, origin: stack.url });
    expectProblem(answer, 503, 'busy');
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    await eventually(() => expect(stack.log()).toContain('sockets refused: busy'));
    const metrics = await (await fetch(`${stack.url}/metrics`)).text();
    expect(metrics).toMatch(/^gateway_sockets_busy_total [1-9]/mu);
  });
});
