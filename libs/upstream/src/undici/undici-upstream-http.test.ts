import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo } from 'node:net';
import { Cancellation } from '@gw/kernel';
import { eventually } from '@gw/kernel/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UndiciUpstreamHttp } from './undici-upstream-http.js';

let answer: RequestListener;
let origin: string;
let http: UndiciUpstreamHttp;
const server = createServer((request, response) => answer(request, response));

beforeEach(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  http = new UndiciUpstreamHttp({ maxBodyBytes: 1_000_000 });
  http.start();
});

afterEach(async () => {
  await http.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const send = (overrides: object = {}) =>
  http.send({ origin, method: 'GET', path: '/x?y=1', headers: {}, timeoutMs: 5_000, ...overrides });

it('reads a large answer of umlauts and emoji byte for byte', async () => {
  const text = 'äöü😀'.repeat(20_000);
  answer = (_request, response) => {
    const bytes = Buffer.from(text);
    response.write(bytes.subarray(0, 100_001));
    setImmediate(() => response.end(bytes.subarray(100_001)));
  };
  expect((await send()).body).toBe(text);
});

it('gives status, type and every Set-Cookie line, and follows no redirect', async () => {
  answer = (_request, response) =>
    void response
      .writeHead(302, { location: '/y', 'content-type': 'text/plain', 'set-cookie': ['a=1', 'b=2'] })
      .end();
  expect(await send()).toEqual({
    status: 302,
    contentType: 'text/plain',
    setCookies: ['a=1', 'b=2'],
    body: '',
  });
});

it('sends method, path, headers and body', async () => {
  answer = (request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () =>
      response.end(`${request.method} ${request.url} ${String(request.headers['x-a'])} ${body}`),
    );
  };
  expect((await send({ method: 'POST', headers: { 'x-a': '1' }, body: 'ü' })).body).toBe('POST /x?y=1 1 ü');
});

it('fails with upstream_timeout when the answer is not there in time, begun or not', async () => {
  answer = () => {};
  await expect(send({ timeoutMs: 50 })).rejects.toMatchObject({ code: 'upstream_timeout', kind: 'timeout' });
  answer = (_request, response) => void response.write('begun');
  await expect(send({ timeoutMs: 50 })).rejects.toMatchObject({ code: 'upstream_timeout', kind: 'timeout' });
});

it('fails with upstream_unreachable for a reset, a closed port and an answer that is too large', async () => {
  const unreachable = {
    code: 'upstream_unreachable',
    kind: 'bad_gateway',
    cause: expect.any(Error) as Error,
  };
  answer = (request) => void request.socket.resetAndDestroy();
  await expect(send()).rejects.toMatchObject(unreachable);
  answer = (_request, response) => void response.end(Buffer.alloc(1_000_001));
  await expect(send()).rejects.toMatchObject(unreachable);
  await expect(send({ origin: 'http://127.0.0.1:1' })).rejects.toMatchObject(unreachable);
});

describe('the connections', () => {
  let opened: number;
  const count = () => (opened += 1);
  beforeEach(() => {
    opened = 0;
    server.on('connection', count);
    answer = (_request, response) => void setTimeout(() => response.end('ok'), 20);
  });
  afterEach(() => server.off('connection', count));

  it('are as many as there are requests at a time, and are used again', async () => {
    for (let turn = 0; turn < 3; turn += 1) await Promise.all([send(), send(), send()]);
    for (let turn = 0; turn < 3; turn += 1) await send();
    expect(opened).toBe(3);
  });

  it('are made anew after the upstream has closed them', async () => {
    await send();
    answer = (_request, response) => void response.setHeader('connection', 'close').end('the last');
    for (let turn = 0; turn < 3; turn += 1) expect((await send()).body).toBe('the last');
    expect(opened).toBe(3);
  });

  it('are not used again after a request that was given up', async () => {
    const cancellation = new Cancellation();
    const sent = send({ cancellation });
    cancellation.cancel();
    await expect(sent).rejects.toThrow('cancelled');
    expect((await send()).body).toBe('ok');
    expect(opened).toBe(2);
  });
});

it('is cancelled, and the upstream sees that', async () => {
  let isGone = false;
  const cancellation = new Cancellation();
  answer = (_request, response) => {
    response.once('close', () => (isGone = true));
    cancellation.cancel();
  };
  await expect(send({ cancellation })).rejects.toThrow('cancelled');
  await eventually(() => expect(isGone).toBe(true));
});

it('sends nothing that is cancelled already', async () => {
  let arrived = 0;
  answer = (_request, response) => {
    arrived += 1;
    response.end();
  };
  const cancellation = new Cancellation();
  cancellation.cancel();
  await expect(send({ cancellation })).rejects.toThrow('cancelled');
  await send();
  expect(arrived).toBe(1);
});

it('lets every user’s long poll have its own connection', async () => {
  let polls = 0;
  answer = () => (polls += 1);
  const cancellations = Array.from({ length: 200 }, () => new Cancellation());
  const all = cancellations.map((cancellation) => send({ cancellation }).catch(() => 'ended'));
  await eventually(() => expect(polls).toBe(200));
  for (const cancellation of cancellations) cancellation.cancel();
  expect(await Promise.all(all)).toHaveLength(200);
});

it('ends what is under way when closed, and sends nothing after', async () => {
  let arrived = false;
  answer = () => (arrived = true);
  const poll = expect(send()).rejects.toMatchObject({ code: 'upstream_unreachable' });
  await eventually(() => expect(arrived).toBe(true));
  await http.close();
  await poll;
  await expect(send()).rejects.toThrow('not started');
});
