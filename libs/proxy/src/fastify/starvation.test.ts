import { eventually, FakeClock } from '@gw/kernel/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ProxyEvents } from '../proxy-events.js';
import { exchangeWith } from '../testing/exchange-with.js';
import { type Front, startFront } from '../testing/front.js';
import { UpstreamServer } from '../testing/upstream-server.js';

const REST = '/api/statistics/v3/values';
const PROVISIONING = '/api/provisioning/v3/users';
const codeOf = (body: Buffer) => (JSON.parse(body.toString()) as { code: string }).code;
const as = (user: string) => ({ headers: { 'x-user': user } });

let upstream: UpstreamServer;
let upstreamUrl: string;
let front: Front;

beforeEach(async () => {
  upstream = new UpstreamServer();
  upstreamUrl = await upstream.start();
});

afterEach(async () => {
  await front.close();
  await upstream.close();
});

describe('a user whose requests are not answered', () => {
  beforeEach(async () => {
    front = await startFront(upstreamUrl, 20_000, { maxRequestsPerUser: 32 });
    upstream.answer = ({ headers }, response) => {
      if (headers.authorization?.startsWith('Bearer jane')) return;
      response.end('{}');
    };
  });

  it('has as many under way as are allowed; the others are told to wait, and nobody else is', async () => {
    const refused: { status: number; retryAfter: string | undefined; code: string }[] = [];
    const sent = Array.from({ length: 500 }, () =>
      exchangeWith(front.url, REST, as('jane')).then(({ status, headers, body }) =>
        refused.push({ status, retryAfter: headers['retry-after'], code: codeOf(body) }),
      ),
    );
    await eventually(() => expect(refused).toHaveLength(468), 10_000);
    expect(new Set(refused.map((each) => JSON.stringify(each)))).toEqual(
      new Set([JSON.stringify({ status: 429, retryAfter: '1', code: 'too_many_in_flight' })]),
    );
    expect((await exchangeWith(front.url, REST, as('joe'))).status).toBe(200);
    expect(upstream.arrived.filter(({ headers }) => headers.authorization?.includes('jane'))).toHaveLength(
      32,
    );
    await front.close();
    await Promise.allSettled(sent);
  });

  it('may ask again when one of them has ended, and when the client has given one up', async () => {
    const waiting = Array.from({ length: 32 }, () => {
      const abort = new AbortController();
      const done = fetch(`${front.url}${REST}`, { ...as('jane'), signal: abort.signal }).catch(
        () => undefined,
      );
      return { abort, done };
    });
    await eventually(() => expect(upstream.arrived).toHaveLength(32));
    expect((await exchangeWith(front.url, REST, as('jane'))).status).toBe(429);
    waiting[0]?.abort.abort();
    await waiting[0]?.done;
    upstream.answer = (_request, response) => void response.end('{}');
    await eventually(async () => expect((await exchangeWith(front.url, REST, as('jane'))).status).toBe(200));
  });
});

describe('an upstream that cannot be reached', () => {
  let clock: FakeClock;
  let changes: string[];
  class RecordedEvents extends ProxyEvents {
    override circuitOpened(api: string): void {
      changes.push(`${api} opened`);
    }
    override circuitClosed(api: string): void {
      changes.push(`${api} closed`);
    }
  }

  beforeEach(async () => {
    clock = new FakeClock();
    changes = [];
    front = await startFront(upstreamUrl, 300, { clock, events: new RecordedEvents() });
  });

  it('is asked by a probe only, until that is answered; meanwhile a 502 says at once when to come back', async () => {
    const port = Number(new URL(upstreamUrl).port);
    await upstream.close();
    for (let time = 0; time < 5; time += 1) {
      const { status, body } = await exchangeWith(front.url, REST);
      expect([status, codeOf(body)]).toEqual([502, 'upstream_unreachable']);
    }
    upstream = new UpstreamServer();
    await upstream.start(port);
    const suspended = await exchangeWith(front.url, REST);
    expect([suspended.status, codeOf(suspended.body), suspended.headers['retry-after']]).toEqual([
      502,
      'upstream_suspended',
      '1',
    ]);
    expect(upstream.arrived).toHaveLength(0);
    await clock.elapse(1_000);
    expect((await exchangeWith(front.url, REST)).status).toBe(200);
    expect((await exchangeWith(front.url, REST)).status).toBe(200);
    expect(changes).toEqual(['statistics opened', 'statistics closed']);
  });

  it('is suspended when several users wait in vain, and only for the API that does not answer', async () => {
    upstream.answer = ({ url }, response) => {
      if (!url.startsWith('/statistics')) response.end('{}');
    };
    const users = ['a', 'b', 'c', 'd', 'e'];
    const late = await Promise.all(users.map((user) => exchangeWith(front.url, REST, as(user))));
    expect(late.map(({ status }) => status)).toEqual([504, 504, 504, 504, 504]);
    const suspended = await exchangeWith(front.url, REST);
    expect([suspended.status, codeOf(suspended.body)]).toEqual([502, 'upstream_suspended']);
    expect((await exchangeWith(front.url, PROVISIONING)).status).toBe(200);
  });

  it('is not suspended for everybody by one user’s timeouts, nor by any answers', async () => {
    upstream.answer = ({ headers }, response) => {
      if (headers.authorization?.startsWith('Bearer jane')) return;
      response.writeHead(503).end();
    };
    await Promise.all(Array.from({ length: 20 }, () => exchangeWith(front.url, REST, as('jane'))));
    const others = await Promise.all(
      Array.from({ length: 20 }, (_, index) => exchangeWith(front.url, REST, as(`user-${index}`))),
    );
    expect(new Set(others.map(({ status }) => status))).toEqual(new Set([503]));
    expect(changes).toEqual([]);
  });

  it('is suspended also when it is the session-init call that fails', async () => {
    await upstream.close();
    for (let time = 0; time < 5; time += 1) {
      await exchangeWith(front.url, '/api/workspace/v3/voice/ready', as(`user-${time}`));
    }
    const { body } = await exchangeWith(front.url, '/api/workspace/v3/voice/ready');
    expect(codeOf(body)).toBe('upstream_suspended');
  });
});
