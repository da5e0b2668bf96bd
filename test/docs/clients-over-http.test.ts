import { type NotificationEvent } from '@gw/contract';
import { eventually } from '@gw/kernel/testing';
import { EventSource } from 'eventsource';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Person } from '../support/person.js';
import { startStack, type Stack } from '../support/stack.js';
import { type Desk } from './examples/follow.js';
import { poll } from './examples/poll.js';
import { followStream } from './examples/stream.js';

const VOICE = '/workspace/v3/voice';

describe('an app without a socket that is written as docs/clients.md says', () => {
  let stack: Stack;
  let anna: Person;
  const shown: NotificationEvent[] = [];
  const loaded: unknown[] = [];
  const texts = () => shown.map(({ data }) => data).filter((data) => typeof data === 'string');
  const publish = (text: string) => stack.simulator.control.publish('anna', 'workspace', VOICE, text);

  beforeAll(async () => {
    stack = await startStack();
    anna = await stack.signIn('anna');
    const real = fetch;
    const withCookie = (input: string | URL, init: RequestInit = {}) => {
      const cookie = anna.agent.cookieHeader(stack.url);
      const headers = new Headers(init.headers);
      headers.set('cookie', cookie);
      return real(new URL(input, stack.url), { ...init, headers });
    };
    vi.stubGlobal('fetch', withCookie);
    class PageEventSource extends EventSource {
      constructor(path: string) {
        super(new URL(path, stack.url), { fetch: (url, init) => withCookie(url, init) });
      }
    }
    vi.stubGlobal('EventSource', PageEventSource);
  });
  beforeEach(() => {
    shown.length = 0;
    loaded.length = 0;
  });
  afterAll(async () => {
    vi.unstubAllGlobals();
    await stack.close();
  });

  const subscribed = () =>
    eventually(() => {
      expect(stack.simulator.control.seen('anna').apis.workspace.subscriptions).toContain(VOICE);
    });

  it('polls, gets all in order, and loads its state first and after a gap', async () => {
    const leaving = new AbortController();
    const polling = poll(
      async (apis) => void loaded.push(apis),
      (notification) => void shown.push(notification),
      leaving.signal,
    ).catch((error: unknown) => error);
    await subscribed();
    for (const text of ['one', 'two', 'three']) publish(text);
    await eventually(() => expect(texts()).toEqual(['one', 'two', 'three']));
    expect(loaded[0]).toBe('all');
    stack.simulator.control.forgetBayeuxSession('anna', 'workspace');
    await eventually(() => expect(loaded.at(-1)).toEqual(['workspace']));
    await subscribed();
    publish('four');
    await eventually(() => expect(texts().at(-1)).toBe('four'));
    leaving.abort();
    expect(await polling).toMatchObject({ name: 'AbortError' });
  });

  it('follows the stream, goes on when it breaks, and ends with its session', async () => {
    const ends: string[] = [];
    const desk: Desk = {
      load: async (apis) => void loaded.push([...apis]),
      show: (notification) => void shown.push(notification),
      expiring: () => {},
      signedOut: () => void ends.push('signed out'),
      failed: (error) => void ends.push(String(error)),
    };
    const stop = followStream(desk);
    await eventually(() => expect(loaded).toEqual([['workspace', 'statistics', 'provisioning']]));
    publish('five');
    await eventually(() => expect(texts()).toEqual(['five']));
    await anna.post('/auth/logout');
    await eventually(() => expect(ends).toEqual(['signed out']));
    stop();
  });
});
