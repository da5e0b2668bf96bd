import { get as httpGet, type IncomingMessage, request as httpRequest } from 'node:http';
import { Readable } from 'node:stream';
import { eventually } from '@gw/kernel/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../support/free-port.js';
import { type LoadBalancer, startLoadBalancer } from '../support/load-balancer.js';
import { PlainGateway } from '../support/plain-gateway.js';
import { rawRequest } from '../support/raw-http.js';

const MEGABYTE = 1_000_000;

describe.each(['nginx', 'haproxy'] as const)('%s, with plain servers in the place of gateways,', (kind) => {
  let first: PlainGateway;
  let second: PlainGateway;
  let balancer: LoadBalancer;
  beforeEach(async () => {
    [first, second] = await Promise.all([PlainGateway.start(), PlainGateway.start()]);
    balancer = await startLoadBalancer(kind, await freePort(), [first.port, second.port]);
  });
  afterEach(async () => {
    await balancer.close();
    await Promise.all([first.close(), second.close()]);
  });

  const received = () => [...first.received, ...second.received];
  const onBoth = (handler: PlainGateway['handler']) => {
    for (const gateway of [first, second]) gateway.handler = handler;
  };
  /** A request whose body is written bit by bit. */
  const upload = (headers: Readonly<Record<string, string>> = {}) => {
    const sending = httpRequest(`${balancer.url}/api/upload`, { method: 'POST', headers });
    const status = new Promise<number | undefined>((resolve, reject) => {
      sending.once('response', (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      sending.once('error', reject);
    });
    return { sending, status };
  };

  it('says who asked for what, and believes nothing that a client says about itself', async () => {
    const forged = {
      forwarded: 'for=192.0.2.1',
      'x-forwarded-for': '192.0.2.1',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'evil.example',
      'x-request-id': 'mine',
    };
    await fetch(`${balancer.url}/auth/session`, { headers: forged });
    const { headers } = received()[0]!;
    const { host } = new URL(balancer.url);
    expect(headers).toMatchObject({
      host,
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': host,
    });
    expect(headers.forwarded).toBeUndefined();
    // As the gateway takes it over for its own log.
    expect(headers['x-request-id']).toMatch(/^[\w-]{32,36}$/u);
  });

  it('leaves the target of a request as it was written', async () => {
    const target = '/api/workspace/v3/../a%2Fb/%2e%2e//c;d?e=%20f';
    await rawRequest(balancer.url, `GET ${target} HTTP/1.1`);
    expect(received().map((request) => request.target)).toEqual([target]);
  });

  it('keeps queries out of its log, also when a gateway fails: that of a login holds a code', async () => {
    onBoth((request) => request.socket.destroy());
    const answer = await fetch(`${balancer.url}/auth/callback?code=precious`);
    expect(answer.status).toBe(502);
    await eventually(() =>
      expect(balancer.requests().at(-1)).toMatchObject({ path: '/auth/callback', status: 502 }),
    );
    expect(balancer.log()).not.toContain('precious');
  });

  it('passes an upload on as it comes', async () => {
    const { sending, status } = upload();
    sending.write('first');
    await eventually(() => expect(received()[0]?.bytes).toBe(5));
    sending.end('last');
    expect(await status).toBe(200);
    expect(received()[0]?.bytes).toBe(9);
  });

  it('lets a large upload through, and refuses one that is too large', async () => {
    const body = Readable.toWeb(Readable.from(Array.from({ length: 60 }, () => Buffer.alloc(MEGABYTE))));
    const options = { method: 'POST', body, duplex: 'half' } as RequestInit;
    expect((await fetch(`${balancer.url}/api/upload`, options)).status).toBe(200);
    expect(received().map(({ bytes }) => bytes)).toEqual([60 * MEGABYTE]);
    const tooLarge = upload({ 'content-length': String(2_200 * MEGABYTE) });
    tooLarge.sending.flushHeaders();
    expect(await tooLarge.status).toBe(413);
    tooLarge.sending.destroy();
    expect(received()).toHaveLength(1);
  });

  it('passes a stream of events on as it comes, and tells the gateway when nobody listens any more', async () => {
    onBoth((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: 1\n\n');
    });
    const leaving = new AbortController();
    const answer = await fetch(`${balancer.url}/notifications/stream`, { signal: leaving.signal });
    const { value } = await answer.body!.getReader().read();
    expect(Buffer.from(value!).toString()).toBe('data: 1\n\n');
    leaving.abort();
    await eventually(() => expect(received()[0]?.isCancelled).toBe(true));
  });

  it('does not take in for a client what that does not read', async () => {
    const taken: boolean[] = [];
    onBoth((_request, response) => {
      response.end(Buffer.alloc(60 * MEGABYTE), () => taken.push(true));
    });
    const answer = await new Promise<IncomingMessage>((resolve) =>
      httpGet(`${balancer.url}/api/file`, resolve),
    );
    // Far longer than it would need to take all of it.
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(taken).toEqual([]);
    answer.resume();
    await eventually(() => expect(taken).toEqual([true]));
  });

  it('cancels at the gateway what its client does not wait for', async () => {
    onBoth(() => {});
    const leaving = new AbortController();
    const gone = expect(fetch(`${balancer.url}/api/slow`, { signal: leaving.signal })).rejects.toThrow();
    await eventually(() => expect(received()).toHaveLength(1));
    leaving.abort();
    await gone;
    await eventually(() => expect(received()[0]?.isCancelled).toBe(true));
  });

  it('turns to another gateway when one cannot be reached, for a POST as well', async () => {
    await first.close();
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => fetch(`${balancer.url}/api/call`, { method: 'POST', body: '{}' })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200));
    expect(second.received).toHaveLength(10);
  });

  it('trusts a gateway that is back, also where nothing that is led there ends', async () => {
    onBoth((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: 1\n\n');
    });
    const leaving = new AbortController();
    const open = async () => {
      const { status } = await fetch(`${balancer.url}/notifications/stream`, { signal: leaving.signal });
      return status;
    };
    const openMany = () => Promise.all(Array.from({ length: 8 }, open));
    const allOpen = Array.from({ length: 8 }, () => 200);
    for (const gateway of [first, second]) {
      const { port } = gateway;
      await gateway.close();
      expect(await openMany()).toEqual(allOpen);
      await gateway.reopen(port);
      const before = gateway.received.length;
      await eventually(async () => {
        await open();
        expect(gateway.received.length).toBeGreaterThan(before);
      }, 20_000);
    }
    await first.close();
    expect(await openMany()).toEqual(allOpen);
    leaving.abort();
  });

  it('repeats a GET whose gateway died with it, and never a POST', async () => {
    let deaths = 0;
    onBoth((request, response) => {
      deaths += 1;
      if (deaths === 1) request.socket.destroy();
      else response.end('alive');
    });
    expect(await (await fetch(`${balancer.url}/api/state`)).text()).toBe('alive');
    expect(received()).toHaveLength(2);
    deaths = 0;
    const posted = await fetch(`${balancer.url}/api/call`, { method: 'POST', body: '{}' });
    expect(posted.status).toBe(502);
    expect(received().filter(({ method }) => method === 'POST')).toHaveLength(1);
  });

  it('passes a refusal of a gateway on, and asks no other', async () => {
    const problem = '{"code":"state_unavailable"}';
    onBoth((_request, response) => {
      response.writeHead(503, { 'content-type': 'application/problem+json' }).end(problem);
    });
    const answer = await fetch(`${balancer.url}/api/state`);
    expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
      503,
      'application/problem+json',
      problem,
    ]);
    expect(received()).toHaveLength(1);
  });
});
