import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { asApiName, asUserId } from '@gw/kernel';
import { eventually } from '@gw/kernel/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exchangeWith } from '../testing/exchange-with.js';
import { type Front, startFront } from '../testing/front.js';
import { UpstreamServer } from '../testing/upstream-server.js';

const REST = '/api/statistics/v3/values';
const WORKSPACE = '/api/workspace/v3/voice/ready';
const codeOf = (body: Buffer) => (JSON.parse(body.toString()) as { code: string }).code;

let upstream: UpstreamServer;
let upstreamUrl: string;
let front: Front;

beforeEach(async () => {
  upstream = new UpstreamServer();
  upstreamUrl = await upstream.start();
  front = await startFront(upstreamUrl);
});

afterEach(async () => {
  await front.close();
  await upstream.close();
});

describe('what reaches the upstream', () => {
  it('is the path and query as the client spelt them, with the user’s bearer and the API key', async () => {
    await exchangeWith(front.url, `${REST}/a%20b/%e2%82%ac?x=%2e%2e/&y=//`);
    expect(upstream.arrived[0]).toMatchObject({
      method: 'GET',
      url: '/statistics/v3/values/a%20b/%e2%82%ac?x=%2e%2e/&y=//',
      headers: { authorization: 'Bearer jane-token-1', 'x-api-key': 'the-api-key' },
    });
  });

  it('never holds the client’s cookie, authorization, origin or anything Connection names', async () => {
    await exchangeWith(front.url, REST, {
      headers: {
        cookie: 'session=secret',
        authorization: 'Bearer client',
        origin: 'https://page.example',
        connection: 'x-secret-hop, authorization, x-api-key',
        'x-secret-hop': '1',
        'x-kept': '2',
        te: 'trailers',
      },
    });
    const { headers } = upstream.arrived[0]!;
    expect(headers.cookie).toBeUndefined();
    expect(headers.origin).toBeUndefined();
    expect(headers['x-secret-hop']).toBeUndefined();
    expect(headers.te).toBeUndefined();
    expect(headers).toMatchObject({
      authorization: 'Bearer jane-token-1',
      'x-api-key': 'the-api-key',
      'x-kept': '2',
      host: new URL(upstreamUrl).host,
    });
  });

  it.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])(
    'is a %s when it was one',
    async (method) => {
      expect((await exchangeWith(front.url, REST, { method })).status).toBe(200);
      expect(upstream.arrived[0]!.method).toBe(method);
    },
  );

  it('is never a TRACE, whose answer would show what only the upstream may see', async () => {
    expect((await exchangeWith(front.url, REST, { method: 'TRACE' })).status).toBe(404);
    expect(upstream.arrived).toHaveLength(0);
  });

  it('is a 5 MB upload of known length, byte for byte', async () => {
    const bytes = Buffer.alloc(5_000_000, 'äö');
    const headers = { 'content-length': bytes.length, 'content-type': 'application/octet-stream' };
    await exchangeWith(front.url, REST, { method: 'POST', headers }, bytes);
    const { body, headers: arrived } = upstream.arrived[0]!;
    expect(digest(body)).toBe(digest(bytes));
    expect(arrived['content-length']).toBe('5000000');
  });

  it('is a 5 MB upload in chunks, byte for byte', async () => {
    const bytes = Buffer.alloc(5_000_000, 'xyz');
    await exchangeWith(
      front.url,
      REST,
      { method: 'PUT', headers: { 'transfer-encoding': 'chunked' } },
      bytes,
    );
    expect(digest(upstream.arrived[0]!.body)).toBe(digest(bytes));
  });

  it('is a multipart body as it came, and a body whose type is nonsense', async () => {
    const multipart = '--b\r\ncontent-disposition: form-data; name="f"\r\n\r\nvalue\r\n--b--\r\n';
    const type = 'multipart/form-data; boundary=b';
    await exchangeWith(front.url, REST, { method: 'POST', headers: { 'content-type': type } }, multipart);
    await exchangeWith(front.url, REST, { method: 'POST', headers: { 'content-type': '???' } }, '{"broken');
    expect(upstream.arrived.map(({ body }) => body.toString())).toEqual([multipart, '{"broken']);
    expect(upstream.arrived.map(({ headers }) => headers['content-type'])).toEqual([type, '???']);
  });

  it('is the body of a request that waits for 100-continue, without the expectation', async () => {
    const continued = await new Promise<boolean>((resolve, reject) => {
      let wasContinued = false;
      const sent = request(`${front.url}${REST}`, {
        method: 'POST',
        headers: { 'x-user': 'jane', expect: '100-continue', 'content-length': 200_000 },
      });
      sent.once('continue', () => {
        wasContinued = true;
        sent.end(Buffer.alloc(200_000, 'x'));
      });
      sent.once('response', () => resolve(wasContinued));
      sent.once('error', reject);
      sent.flushHeaders();
    });
    expect(continued).toBe(true);
    expect(upstream.arrived[0]!.body.length).toBe(200_000);
    expect(upstream.arrived[0]!.headers.expect).toBeUndefined();
  });

  it('carries conditions and ranges, and the answers to them come back untouched', async () => {
    upstream.answer = ({ headers }, response) => {
      if (headers['if-none-match']) response.writeHead(304, { etag: '"1"' }).end();
      else response.writeHead(206, { 'content-range': 'bytes 0-1/4', etag: '"1"' }).end('ab');
    };
    const partial = await exchangeWith(front.url, REST, { headers: { range: 'bytes=0-1' } });
    expect(partial).toMatchObject({ status: 206, headers: { 'content-range': 'bytes 0-1/4', etag: '"1"' } });
    expect(partial.body.toString()).toBe('ab');
    const unchanged = await exchangeWith(front.url, REST, { headers: { 'if-none-match': '"1"' } });
    expect(unchanged).toMatchObject({ status: 304, headers: { etag: '"1"' } });
    expect(unchanged.body.length).toBe(0);
  });
});

describe('what reaches the client', () => {
  it('is the upstream’s status, type and body, and no cookie, CORS header or policy of its own', async () => {
    upstream.answer = (_request, response) =>
      void response
        .writeHead(418, {
          'content-type': 'text/html',
          'set-cookie': ['STATISTICS_SESSIONID=abc', 'AWSALB=1'],
          'access-control-allow-origin': '*',
          'clear-site-data': '"*"',
          'content-security-policy': 'script-src *',
          connection: 'x-hop',
          'x-hop': '1',
          'x-kept': '2',
        })
        .end('<b>tea</b>');
    const { status, headers, body } = await exchangeWith(front.url, REST);
    expect(status).toBe(418);
    expect(body.toString()).toBe('<b>tea</b>');
    expect(headers).toMatchObject({
      'content-type': 'text/html',
      'x-kept': '2',
      'x-request-id': 'request-1',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "sandbox; frame-ancestors 'none'",
    });
    for (const name of ['set-cookie', 'access-control-allow-origin', 'clear-site-data', 'x-hop']) {
      expect(headers[name]).toBeUndefined();
    }
  });

  it('is the stream as it comes', async () => {
    let finish = () => {};
    upstream.answer = (_request, response) => {
      response.write('first');
      finish = () => response.end('last');
    };
    const chunks: string[] = [];
    await new Promise<void>((resolve, reject) => {
      request(`${front.url}${REST}`, { headers: { 'x-user': 'jane' } }, (response) => {
        response.on('data', (chunk: Buffer) => {
          chunks.push(chunk.toString());
          finish();
        });
        response.once('end', resolve);
      })
        .once('error', reject)
        .end();
    });
    expect(chunks).toEqual(['first', 'last']);
  });

  it('is the upstream’s early refusal of an upload that it does not read', async () => {
    upstream.answerEarly = (_raw, response) => void response.writeHead(413).end('too large');
    const { status, body } = await exchangeWith(front.url, REST, { method: 'POST' }, Buffer.alloc(5_000_000));
    expect([status, body.toString()]).toEqual([413, 'too large']);
  });

  it('is upstream_unreachable when the upstream breaks off within an upload', async () => {
    upstream.answerEarly = (raw) => raw.once('data', () => raw.socket.resetAndDestroy());
    const { status, body } = await exchangeWith(front.url, REST, { method: 'POST' }, Buffer.alloc(5_000_000));
    expect([status, codeOf(body)]).toEqual([502, 'upstream_unreachable']);
  });

  it.each([300, 301, 302, 303, 307, 308])(
    'is upstream_redirect when the upstream answers %i',
    async (status) => {
      upstream.answer = (_request, response) =>
        void response.writeHead(status, { location: 'https://elsewhere.example/' }).end('go there');
      const answer = await exchangeWith(front.url, REST);
      expect(answer.status).toBe(502);
      expect(answer.headers.location).toBeUndefined();
      expect(codeOf(answer.body)).toBe('upstream_redirect');
    },
  );

  it('is upstream_unreachable when nothing listens, and when the upstream resets', async () => {
    upstream.answer = (_request, _response, raw) => void raw.socket.resetAndDestroy();
    const reset = await exchangeWith(front.url, REST);
    expect([reset.status, codeOf(reset.body)]).toEqual([502, 'upstream_unreachable']);
    await upstream.close();
    const gone = await exchangeWith(front.url, REST);
    expect([gone.status, codeOf(gone.body)]).toEqual([502, 'upstream_unreachable']);
  });

  it('is upstream_unreachable when the upstream breaks off within a small answer, and nothing of that', async () => {
    upstream.answer = (_request, response, raw) => {
      response.writeHead(200, { 'content-length': 10, 'content-type': 'text/plain', 'x-leak': '1' });
      response.write('half', () => raw.socket.resetAndDestroy());
    };
    const { status, headers, body } = await exchangeWith(front.url, REST);
    expect([status, codeOf(body)]).toEqual([502, 'upstream_unreachable']);
    expect(headers['x-leak']).toBeUndefined();
  });

  it('is a broken connection when the upstream breaks off within a large answer', async () => {
    upstream.answer = (_request, response, raw) => {
      response.writeHead(200, { 'content-length': 1_000_000, 'content-type': 'text/plain' });
      response.write('half', () => raw.socket.resetAndDestroy());
    };
    await expect(exchangeWith(front.url, REST)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it.each([
    ['small', { 'content-length': 4, 'content-type': 'text/plain' }],
    ['untyped', { 'content-length': 4 }],
    ['of unknown length', { 'content-type': 'text/plain' }],
  ])('is an answer that is %s, with its type and length as they were', async (_name, given) => {
    upstream.answer = (_request, response) => void response.writeHead(200, given).end('body');
    const { headers, body } = await exchangeWith(front.url, REST);
    expect(body.toString()).toBe('body');
    expect(headers['content-type']).toBe('content-type' in given ? 'text/plain' : undefined);
    expect(headers['content-length']).toBe('content-length' in given ? '4' : undefined);
  });

  it('is the length of what a HEAD did not fetch', async () => {
    upstream.answer = (_request, response) =>
      void response.writeHead(200, { 'content-length': 4, 'content-type': 'text/plain' }).end();
    const { headers, body } = await exchangeWith(front.url, REST, { method: 'HEAD' });
    expect([headers['content-length'], body.length]).toEqual(['4', 0]);
  });

  it('is upstream_timeout after the deadline', async () => {
    const hasty = await startFront(upstreamUrl, 100);
    upstream.answer = () => {};
    const late = await exchangeWith(hasty.url, REST);
    expect([late.status, codeOf(late.body)]).toEqual([504, 'upstream_timeout']);
    await eventually(() => expect(upstream.abandoned).toBe(1), 1_000);
    await hasty.close();
  });

  it('is what the upstream says to an upload that took longer than the deadline', async () => {
    const hasty = await startFront(upstreamUrl, 100);
    const answer = await new Promise<number | undefined>((resolve, reject) => {
      const sent = request(`${hasty.url}${REST}`, { method: 'POST', headers: { 'x-user': 'jane' } });
      sent.once('response', (response) => resolve(response.statusCode));
      sent.once('error', reject);
      sent.write('begun');
      void wait(350).then(() => sent.end('ended'));
    });
    expect(answer).toBe(200);
    await hasty.close();
  });
});

describe('a client that goes away', () => {
  it('cancels its request at the upstream before the answer', async () => {
    upstream.answer = () => {};
    const sent = request(`${front.url}${REST}`, { headers: { 'x-user': 'jane' } });
    sent.on('error', () => {});
    sent.end();
    await eventually(() => expect(upstream.arrived).toHaveLength(1));
    sent.destroy();
    await eventually(() => expect(upstream.abandoned).toBe(1), 1_000);
  });

  it('cancels it within the answer', async () => {
    upstream.answer = (_request, response) => void response.write('begun');
    const sent = request(`${front.url}${REST}`, { headers: { 'x-user': 'jane' } });
    sent.on('error', () => {});
    sent.once('response', (response) => response.on('error', () => {}).once('data', () => sent.destroy()));
    sent.end();
    await eventually(() => expect(upstream.abandoned).toBe(1), 1_000);
  });

  it('cancels its upload', async () => {
    let arrivedBytes = 0;
    upstream.answerEarly = (raw) => {
      raw.on('error', () => {});
      raw.on('data', (chunk: Buffer) => (arrivedBytes += chunk.length));
    };
    const sent = request(`${front.url}${REST}`, { method: 'POST', headers: { 'x-user': 'jane' } });
    sent.on('error', () => {});
    sent.write('begun');
    await eventually(() => expect(arrivedBytes).toBe(5));
    sent.destroy();
    await eventually(() => expect(upstream.abandoned).toBe(1), 1_000);
  });
});

describe('the upstream session', () => {
  it('is made before the first request, and its cookie sent with each', async () => {
    await exchangeWith(front.url, WORKSPACE, { method: 'POST' });
    await exchangeWith(front.url, WORKSPACE, { method: 'POST' });
    expect(upstream.initialisations).toBe(1);
    expect(upstream.arrived.map(({ headers }) => headers.cookie)).toEqual([
      'WORKSPACE_SESSIONID=ws-1',
      'WORKSPACE_SESSIONID=ws-1',
    ]);
  });

  it('takes the cookies of every answer, errors and refused redirects too, and keeps users apart', async () => {
    upstream.answer = (_request, response) =>
      void response.writeHead(302, { location: '/', 'set-cookie': 'AWSALB=node-1' }).end();
    await exchangeWith(front.url, REST);
    upstream.answer = (_request, response) => void response.writeHead(500, { 'set-cookie': 'X=2' }).end();
    await exchangeWith(front.url, REST);
    await exchangeWith(front.url, REST);
    await exchangeWith(front.url, REST, { headers: { 'x-user': 'joe' } });
    const cookies = upstream.arrived.map(({ headers }) => headers.cookie);
    expect(cookies).toEqual([undefined, 'AWSALB=node-1', 'AWSALB=node-1; X=2', undefined]);
  });

  it('is recovered after a 401 with a new token, and the request repeated with its body', async () => {
    upstream.answer = ({ headers, body }, response) => {
      if (headers.authorization === 'Bearer jane-token-1') {
        response.writeHead(401, { 'x-leak': 'first', 'set-cookie': 'A=1' }).end('first answer');
      } else response.end(body);
    };
    const { status, headers, body } = await exchangeWith(front.url, REST, { method: 'POST' }, 'the body');
    expect([status, body.toString()]).toEqual([200, 'the body']);
    expect(headers['x-leak']).toBeUndefined();
    expect(upstream.arrived[1]!.headers.cookie).toBe('A=1');
    expect(front.bearers.redemptions).toBe(1);
  });

  it('is made anew after a 403, once for concurrent requests, which are all repeated', async () => {
    await exchangeWith(front.url, WORKSPACE);
    upstream.answer = ({ headers }, response) =>
      void response.writeHead(headers.cookie?.includes('ws-2') ? 200 : 403).end();
    const answers = await Promise.all([1, 2, 3, 4].map(() => exchangeWith(front.url, WORKSPACE)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(upstream.initialisations).toBe(2);
  });

  it('is not made anew for each 403 of an upstream that refuses for good', async () => {
    upstream.answer = (_request, response) => void response.writeHead(403).end('no');
    for (let round = 0; round < 5; round += 1) {
      const { status, body } = await exchangeWith(front.url, WORKSPACE);
      expect([status, body.toString()]).toEqual([403, 'no']);
    }
    expect(upstream.initialisations).toBe(2);
  });

  it('is left alone when the request could not be repeated', async () => {
    upstream.answer = (_request, response) => void response.writeHead(401).end('once');
    const large = Buffer.alloc(70_000);
    const { status, body } = await exchangeWith(front.url, REST, { method: 'POST' }, large);
    expect([status, body.toString()]).toEqual([401, 'once']);
    expect(upstream.arrived).toHaveLength(1);
  });

  it('is asked once only by a GET that is answered 503', async () => {
    upstream.answer = (_request, response) =>
      void response.writeHead(503, { 'retry-after': '1' }).end('busy');
    expect((await exchangeWith(front.url, REST)).status).toBe(503);
    expect(upstream.arrived).toHaveLength(1);
  });
});

describe('the gateway itself refuses', () => {
  it('a request without a session', async () => {
    const response = await fetch(`${front.url}${REST}`);
    expect([response.status, await response.json()]).toEqual([401, { code: 'unauthenticated' }]);
  });

  it('a request that fails the CSRF check', async () => {
    const { status, body } = await exchangeWith(front.url, REST, { headers: { 'x-csrf': '0' } });
    expect([status, codeOf(body)]).toEqual([403, 'csrf']);
  });

  it.each([
    '/api/statistics/v3/../../auth',
    '/api/statistics/v3/notifications/connect',
    '/api/elsewhere',
    'http://other.example/api/statistics/v3/values',
    '/%61pi/statistics/v3/values',
  ])('the target %s', async (target) => {
    const { status, body } = await exchangeWith(front.url, target);
    expect([status, codeOf(body)]).toEqual([403, 'route_not_allowed']);
    expect(upstream.arrived).toHaveLength(0);
  });

  it('a user who is signed out, and asks to come back when no token can be had', async () => {
    front.bearers.outcome = { kind: 'signed-out' };
    const out = await exchangeWith(front.url, REST);
    expect([out.status, codeOf(out.body)]).toEqual([401, 'unauthenticated']);
    front.bearers.outcome = { kind: 'unavailable', retryAfterMs: 1_500 };
    const later = await exchangeWith(front.url, REST);
    expect([later.status, codeOf(later.body)]).toEqual([503, 'token_unavailable']);
    expect(later.headers['retry-after']).toBe('2');
  });
});

it('lets CometD and REST share a user’s cookies', async () => {
  front.upstream.remember(asUserId('jane'), asApiName('statistics'), [
    'STATISTICS_SESSIONID=s1; Path=/',
    'BAYEUX_BROWSER=b1',
  ]);
  await exchangeWith(front.url, REST);
  expect(upstream.arrived[0]!.headers.cookie).toBe('STATISTICS_SESSIONID=s1');
});

const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
