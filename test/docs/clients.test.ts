import { readdir, readFile } from 'node:fs/promises';
import { type NotificationEvent } from '@gw/contract';
import { eventually } from '@gw/kernel/testing';
import type * as SocketIo from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Person } from '../support/person.js';
import { startStack, type Stack } from '../support/stack.js';
import { command } from './examples/command.js';
import { commandOutcome } from './examples/command-outcome.js';
import { type Desk, follow } from './examples/follow.js';
import { type GatewayProblem } from './examples/problem.js';
import { SeenCursors } from './examples/seen-cursors.js';
import { currentSession, signOut } from './examples/session.js';
import { signIn } from './examples/sign-in.js';
import { subscribe } from './examples/subscribe.js';
import { codes, Page } from './page.js';

const EXAMPLES = new URL('./examples/', import.meta.url);
const APIS = ['workspace', 'statistics', 'provisioning'];
const VOICE = '/workspace/v3/voice';

/** What a browser adds to a socket by itself. */
const browser = vi.hoisted(() => ({ headers: (): Record<string, string> => ({}) }));
vi.mock('socket.io-client', async (original) => {
  const library = await original<typeof SocketIo>();
  const io = (options: Partial<SocketIo.ManagerOptions>) =>
    library.io({ ...options, forceNew: true, extraHeaders: browser.headers() });
  return { ...library, io };
});

const page = await Page.read('clients.md');

describe('the examples of docs/clients.md', () => {
  it('are the files that the tests below run, each whole and unchanged', async () => {
    const names = (await readdir(EXAMPLES)).toSorted();
    const files = await Promise.all(names.map((name) => readFile(new URL(name, EXAMPLES), 'utf8')));
    expect(page.blocks('ts').toSorted()).toEqual(files.toSorted());
  });
});

describe('a page that is written as docs/clients.md says', () => {
  let stack: Stack;
  let anna: Person;
  let following: ReturnType<typeof follow>;
  const visited: string[] = [];
  const loaded: string[][] = [];
  const shown: NotificationEvent[] = [];
  const events: Record<string, unknown> = {};
  const ends = { signedOut: 0, failed: 0 };
  const desk: Desk = {
    load: async (apis) => void loaded.push([...apis]),
    show: (notification) => void shown.push(notification),
    expiring: () => {},
    signedOut: () => void (ends.signedOut += 1),
    failed: () => void (ends.failed += 1),
  };

  beforeAll(async () => {
    stack = await startStack();
    anna = new Person(stack.url, 'anna');
    browser.headers = () => ({ cookie: anna.agent.cookieHeader(stack.url), origin: stack.url });
    const { protocol, host, hostname, port } = new URL(stack.url);
    const assign = (url: string) => void visited.push(url);
    const here = { pathname: '/desk', search: '?tab=calls', hash: '' };
    vi.stubGlobal('location', { protocol, host, hostname, port, ...here, assign });
    vi.stubGlobal('fetch', pageFetch(fetch, anna, stack.url));
  });
  afterAll(async () => {
    vi.unstubAllGlobals();
    await stack.close();
    following.stop();
  });

  it('learns that nobody is signed in, and sends the person to sign in and back', async () => {
    expect(await currentSession()).toBeUndefined();
    signIn();
    const begun = await anna.agent.request(stack.url + (visited[0] ?? ''));
    const callback = await anna.authorize(begun.headers.get('location') ?? '');
    const done = await anna.agent.request(callback);
    expect(done.headers.get('location')).toBe('/desk?tab=calls');
    expect(await currentSession()).toMatchObject({ user: { userName: String.raw`t100\anna` } });
  });

  it('loads its state once it knows its position, and sees what a command leads to', async () => {
    following = follow(desk);
    following.socket.onAny((name: string, event: unknown) => (events[name] ??= event));
    await eventually(() => expect(loaded).toEqual([APIS]));
    await command('/activate-channels', { agentId: '5001', placeName: 'Place_anna', channels: ['voice'] });
    await command('/voice/make-call', { destination: '5002' });
    await eventually(() => expect(shown.at(-1)).toMatchObject({ data: { call: { state: 'Dialing' } } }));
  });

  it('learns the outcome of a command from its answer', async () => {
    expect(await commandOutcome('/voice/make-call', { destination: '12' })).toMatchObject({
      state: 'failed',
      notification: { data: { messageType: 'EventError' } },
    });
    expect(await commandOutcome('/voice/ready')).toMatchObject({ state: 'succeeded' });
  });

  it('is told by the gateway what it may not do', async () => {
    const refusal = await command('/notifications').catch((error: unknown) => error as GatewayProblem);
    expect(refusal).toMatchObject({ status: 403, code: 'route_not_allowed' });
  });

  it('subscribes to more, and hears why it may not', async () => {
    expect(await subscribe(following.socket, 'workspace', '/workspace/v3/media/*')).toBe('active');
    const refusal = subscribe(following.socket, 'workspace', '/elsewhere');
    await expect(refusal).rejects.toThrow('channel_not_allowed');
  });

  it('gets what it missed, once, when the connection breaks, and loads nothing', async () => {
    following.socket.io.engine.close();
    const publish = (...data: unknown[]) =>
      stack.simulator.control.publishMany('anna', 'workspace', VOICE, data);
    publish('missed 1', 'missed 2');
    await eventually(() => expect(following.socket.connected).toBe(true));
    publish('live');
    await eventually(() => expect(shown.at(-1)?.data).toBe('live'));
    const texts = shown.map(({ data }) => data).filter((data) => typeof data === 'string');
    expect(texts).toEqual(['missed 1', 'missed 2', 'live']);
    expect(loaded).toHaveLength(1);
  });

  it('loads the state of an API anew after a gap', async () => {
    stack.simulator.control.forgetBayeuxSession('anna', 'workspace');
    await eventually(() => expect(loaded).toEqual([APIS, ['workspace']]));
  });

  it('comes back at its time when the instance leaves', async () => {
    const before = following.socket.id;
    for (const drain of following.socket.listeners('drain')) drain({ reconnectAfterMs: 20 });
    await eventually(() => expect(following.socket.id ?? before).not.toBe(before));
    expect(following.socket.io.reconnection()).toBe(true);
  });

  it('is signed out in every place when the person signs out', async () => {
    await signOut();
    await eventually(() => expect(ends.signedOut).toBe(1));
    await eventually(() => expect(following.socket.connected).toBe(false));
    expect(await currentSession()).toBeUndefined();
    following.socket.connect();
    await eventually(() => expect(ends).toEqual({ signedOut: 2, failed: 0 }));
  });

  it.each(['ready', 'notification', 'upstream', 'gap', 'session'])(
    'gets `%s` with the members that the guide shows',
    (name) => {
      const [block = '{}'] = /(?<=```json\n).*?(?=\n```)/su.exec(page.section(`\`${name}\``)) ?? [];
      const documented = Object.keys(JSON.parse(block) as object);
      expect(Object.keys(events[name] as object).toSorted()).toEqual(documented.toSorted());
    },
  );
});

describe('cursors that were seen', () => {
  it('are remembered up to a number', () => {
    const seen = new SeenCursors();
    expect([seen.add('a'), seen.add('a')]).toEqual([true, false]);
    for (let n = 0; n < 1_000; n += 1) seen.add(String(n));
    expect(seen.add('a')).toBe(true);
  });
});

describe('what docs/clients.md says of pages elsewhere', () => {
  it('names the methods that a preflight allows', async () => {
    const stack = await startStack();
    try {
      const preflight = await fetch(`${stack.url}/api/workspace/v3/x`, {
        method: 'OPTIONS',
        headers: { origin: stack.url, 'access-control-request-method': 'POST' },
      });
      const allowed = preflight.headers.get('access-control-allow-methods')?.split(/, ?/u);
      const [line = ''] = /^.*preflight.*$/mu.exec(page.section('Pages on other origins')) ?? [];
      expect(codes(line)).toEqual(allowed);
    } finally {
      await stack.close();
    }
  });
});

/** `fetch` as a page at the gateway's origin has it: relative, with the cookie and, to change something, an Origin. */
function pageFetch(real: typeof fetch, { agent }: Person, url: string): typeof fetch {
  return async (input, init) => {
    if (typeof input !== 'string' || !input.startsWith('/')) return real(input, init);
    const { method = 'GET', headers, body } = init ?? {};
    const answer = await agent.request(url + input, {
      method,
      headers: { ...(headers as Record<string, string>), ...(method !== 'GET' && { origin: url }) },
      ...(typeof body === 'string' && { body }),
    });
    const bodyless = answer.status === 204;
    return new Response(bodyless ? null : answer.text, { status: answer.status, headers: answer.headers });
  };
}
