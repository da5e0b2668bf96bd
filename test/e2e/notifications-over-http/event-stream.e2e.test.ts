import { connect, type Socket } from 'node:net';
import { eventually } from '@gw/kernel/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { faultsIn } from '../../support/history.js';
import { NumberStream } from '../../support/number-stream.js';
import { type Person } from '../../support/person.js';
import { expectProblem } from '../../support/problem.js';
import { type Stack, type StackOptions, startStack } from '../../support/stack.js';
import { StreamClient, type StreamOptions } from '../../support/stream-client.js';
import { startTcpProxy } from '../../support/tcp-proxy.js';

const VOICE = '/workspace/v3/voice';
const VOICE_ONLY = `workspace:${VOICE}`;
const WITHIN_MS = 1_000;

let stack: Stack;
let anna: Person;
const clients: StreamClient[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await stack.close();
});

const control = () => stack.simulator.control;
const publish = (...data: unknown[]) => {
  for (const one of data) control().publish('anna', 'workspace', VOICE, one);
};
const open = async (options?: StackOptions) => {
  stack = await startStack(options);
  anna = await stack.signIn('anna');
};
const follow = (options: StreamOptions = {}, person = anna) => {
  const client = new StreamClient(person, stack.url, { channels: VOICE_ONLY, ...options });
  clients.push(client);
  return client;
};
const followConnected = async (options?: StreamOptions) => {
  const client = follow(options);
  await client.connected('workspace');
  return client;
};

/** The answer's bytes as they come; reads only when it is told to. */
function rawStream(
  path = `/notifications/stream?channels=${VOICE_ONLY}`,
  more: Readonly<Record<string, string>> = {},
): { readonly socket: Socket; readonly text: () => string } {
  const { port, host } = new URL(stack.url);
  let text = '';
  const socket = connect(Number(port), '127.0.0.1');
  const cookie = anna.agent.cookieHeader(stack.url);
  const headers = Object.entries({ host, cookie, origin: stack.url, ...more });
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
  socket.on('data', (bytes: Buffer) => (text += bytes.toString()));
  socket.on('error', () => {});
  return { socket, text: () => text };
}

describe('an event stream', () => {
  it('begins with ready, then has what comes, each event with its cursor as id', async () => {
    await open();
    const client = await followConnected();
    publish(1, { two: 'Grüße\n👩‍💻\r\n\u2028' }, 3);
    await eventually(() => expect(client.data).toEqual([1, { two: 'Grüße\n👩‍💻\r\n\u2028' }, 3]));
    expect(client.types[0]).toBe('ready');
    expect(await client.ready()).toMatchObject({
      user: { userName: String.raw`t100\anna` },
      recovered: false,
      apis: { workspace: { state: expect.any(String) as string } },
    });
    const pairs = client.received.flatMap((event, index) =>
      'cursor' in event ? [[event.cursor, client.ids[index]]] : [],
    );
    expect(pairs).toHaveLength(4);
    for (const [cursor, id] of pairs) expect(id).toBe(cursor);
    expect(client.types).toContain('upstream');
  });

  it('is not to be kept by anybody on the way, nor read by other origins', async () => {
    await open();
    const { socket, text } = rawStream();
    await eventually(() => expect(text()).toContain('event: ready'));
    socket.destroy();
    const [head = '', body = ''] = text().split('\r\n\r\n');
    const lines = head.toLowerCase().split('\r\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        'http/1.1 200 ok',
        'content-type: text/event-stream; charset=utf-8',
        'cache-control: no-store',
        'x-accel-buffering: no',
        `access-control-allow-origin: ${stack.url}`,
        'access-control-allow-credentials: true',
      ]),
    );
    expect(body).toMatch(/retry: \d+\n/u);
  });

  it('goes on where it was, by itself, when the connection breaks: nothing lost, nothing twice', async () => {
    await open();
    const proxy = await startTcpProxy(Number(new URL(stack.url).port));
    const client = await followConnected({ address: proxy.url.replace('redis:', 'http:') });
    const stream = new NumberStream(control(), 'anna', 'workspace', VOICE, 20);
    for (let n = 0; n < 3; n += 1) {
      const before = client.statuses.length;
      const heard = client.data.length;
      await eventually(() => expect(client.data.length).toBeGreaterThan(heard + 20));
      proxy.heal();
      await eventually(() => expect(client.statuses.length).toBeGreaterThan(before), 20_000);
    }
    const last = stream.stop();
    await eventually(() => expect(client.data).toContain(last), 20_000);
    await proxy.close();
    expect(faultsIn(stream.published, client.heard)).toEqual([]);
    expect(client.gaps).toEqual([]);
    expect(client.received.filter(({ type }) => type === 'ready').slice(1)).toMatchObject(
      [1, 2, 3].map(() => ({ recovered: true })),
    );
    expect(control().seen('anna').apis.workspace.handshakes).toBe(1);
  }, 90_000);

  it('resumes after the cursor that its address has', async () => {
    await open();
    const first = await followConnected();
    publish(1, 2);
    await eventually(() => expect(first.data).toEqual([1, 2]));
    first.close();
    publish(3);
    const second = follow({ after: first.notifications[0]!.cursor });
    await eventually(() => expect(second.data).toEqual([2, 3]));
    expect(await second.ready()).toMatchObject({ recovered: true });
  });

  it('moves a silent client on past what is not for it, without an event', async () => {
    await open();
    const other = rawStream('/notifications/stream?channels=workspace:/workspace/v3/media/*');
    const watching = await followConnected();
    publish(1, 2, 3);
    await eventually(() => expect(watching.data).toEqual([1, 2, 3]));
    const cursor = watching.notifications.at(-1)!.cursor;
    await eventually(() => expect(other.text()).toContain(`:\nid: ${cursor}\n\n`), 20_000);
    other.socket.destroy();
    expect(other.text()).not.toContain('event: notification');
  }, 60_000);

  it('lets go of everything when its client does', async () => {
    await open({ environment: { UPSTREAM_LINGER_MS: '300' } });
    const client = await followConnected();
    client.close();
    await eventually(() => expect(control().seen('anna').apis.workspace.sessions).toBe(0));
  });

  it('tells where to go and ends when the instance leaves', async () => {
    await open();
    const { text } = rawStream();
    await eventually(() => expect(text()).toContain('event: ready'));
    await stack.close();
    const [, ms] = /event: drain\ndata: \{"reconnectAfterMs":(\d+)\}\n\n/u.exec(text()) ?? [];
    expect(Number(ms)).toBeLessThanOrEqual(5_000);
    expect(text()).toContain(`retry: ${ms}\n`);
    await open();
  });
});

describe('an event stream whose client may have missed something', () => {
  it('tells so before anything newer', async () => {
    await open({ environment: { JOURNAL_MAX_LENGTH: '5' } });
    const first = await followConnected();
    publish(1);
    await eventually(() => expect(first.data).toEqual([1]));
    const late = { after: first.notifications[0]!.cursor };
    publish(2, 3, 4, 5, 6, 7, 8);
    await eventually(() => expect(first.data).toHaveLength(8));
    const second = follow(late);
    await second.ready();
    publish('live');
    await eventually(() => expect(second.data).toEqual(['live']));
    expect(second.types.filter((type) => type !== 'upstream')).toEqual(['ready', 'gap', 'notification']);
    expect(second.gaps).toMatchObject([{ api: 'workspace', reason: 'window' }]);
    // Cut off between the two, it would have been told again.
    expect(second.ids[0]).not.toBe((await second.ready()).cursor);
  });

  it('tells so when the platform lost the session, and goes on', async () => {
    await open();
    const client = await followConnected();
    control().forgetBayeuxSession('anna', 'workspace');
    await eventually(() => expect(client.gaps).toMatchObject([{ api: 'workspace', reason: 'upstream' }]));
    await client.connected('workspace');
    publish('after');
    await eventually(() => expect(client.data).toEqual(['after']));
  });

  it('takes a Last-Event-ID that is no cursor for one that is lost', async () => {
    await open();
    const { socket, text } = rawStream(undefined, { 'last-event-id': 'garbage' });
    await eventually(() => expect(text()).toMatch(/event: gap\ndata: .*"reason":"epoch"/u));
    socket.destroy();
  });
});

describe('an event stream of a session that ends', () => {
  it('says why, and ends, within a second; its client does not come in again', async () => {
    await open();
    const client = await followConnected();
    const stream = new NumberStream(control(), 'anna', 'workspace', VOICE, 20);
    await eventually(() => expect(client.data.length).toBeGreaterThan(5));
    await anna.post('/auth/logout');
    const endedAt = performance.now();
    await eventually(() => expect(client.types.at(-1)).toBe('session'), WITHIN_MS);
    expect(performance.now() - endedAt).toBeLessThan(WITHIN_MS);
    stream.stop();
    expect(client.received.at(-1)).toMatchObject({ state: 'ended', reason: 'logout' });
    await eventually(() => expect(client.statuses.at(-1)).toBe(401), 10_000);
    await eventually(() => expect(client.source.readyState).toBe(client.source.CLOSED));
  });

  it('ends for the session that was revoked only', async () => {
    await open();
    const phone = await stack.signIn('anna');
    const [desk, mobile] = [await followConnected(), follow({}, phone)];
    await mobile.ready();
    const { sessions } = (await anna.request('/auth/sessions')).json() as {
      sessions: { id: string; current: boolean }[];
    };
    const other = sessions.find(({ current }) => !current)!;
    await anna.request(`/auth/sessions/${other.id}`, 'DELETE');
    await eventually(() => expect(mobile.types.at(-1)).toBe('session'), WITHIN_MS);
    publish('still here');
    await eventually(() => expect(desk.data).toEqual(['still here']));
    expect(mobile.data).toEqual([]);
  });

  it('is told before, when it idles out', async () => {
    await open({ environment: { SESSION_IDLE_TTL_S: '2' } });
    const client = follow();
    await eventually(() => {
      const states = client.received.flatMap((event) => (event.type === 'session' ? event.state : []));
      expect(states).toEqual(['expiring', 'ended']);
    });
  });
});

describe('an event stream whose client reads too slowly', () => {
  it('is cut off within its budget; the others are none the worse, and it gets the rest by its cursor', async () => {
    await open({ environment: { JOURNAL_MAX_LENGTH: '3000' } });
    const fast = await followConnected();
    const slow = rawStream();
    await eventually(() => expect(slow.text()).toContain('event: ready'));
    slow.socket.pause();
    let closed = false;
    slow.socket.on('close', () => (closed = true));
    const texts = Array.from({ length: 120 }, (_, n) => `${n} ${'x'.repeat(200_000)}`);
    for (let start = 0; start < texts.length; start += 10)
      control().publishMany('anna', 'workspace', VOICE, texts.slice(start, start + 10));
    await eventually(() => expect(fast.data).toHaveLength(texts.length), 30_000);
    expect(fast.data).toEqual(texts);
    await eventually(() => expect(stack.log()).toContain('slow_consumer'), 30_000);
    slow.socket.resume();
    await eventually(() => expect(closed).toBe(true));
    const [last] = [...slow.text().matchAll(/^id: (\S+)\nevent: notification\ndata: .*\}\n\n/gmu)].slice(-1);
    const heard = [...slow.text().matchAll(/^id: \S+\nevent: notification\ndata: .*\}\n\n/gmu)].length;
    expect(heard).toBeLessThan(texts.length);
    const again = follow({ after: last?.[1] });
    await eventually(() => expect(again.data).toHaveLength(texts.length - heard), 30_000);
    expect(again.data).toEqual(texts.slice(heard));
    expect(again.gaps).toEqual([]);
  }, 120_000);
});

describe('an event stream that is refused', () => {
  it('has no session, wrong parameters or channels', async () => {
    await open();
    const ask = (query: string) => anna.request(`/notifications/stream${query}`);
    expectProblem(await ask('?after=garbage'), 400, 'bad_request');
    expectProblem(await ask('?channels=workspace'), 400, 'bad_request');
    expectProblem(await ask('?channels=nowhere:/x'), 400, 'unknown_api');
    expectProblem(await ask('?channels=workspace:/elsewhere'), 403, 'channel_not_allowed');
    const nobody = await fetch(`${stack.url}/notifications/stream`);
    expect(nobody.status).toBe(401);
    expect(await nobody.json()).toMatchObject({ code: 'unauthenticated' });
  });

  it('is one too many of that person', async () => {
    await open();
    const streams = Array.from({ length: 20 }, () => follow());
    await Promise.all(streams.map((one) => one.ready()));
    expectProblem(await anna.request('/notifications/stream'), 429, 'too_many_requests_held');
    streams[0]!.close();
    await eventually(async () => {
      const client = follow();
      await client.ready();
    });
  });
});
