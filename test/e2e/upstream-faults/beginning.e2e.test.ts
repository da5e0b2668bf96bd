import { eventually } from '@gw/kernel/testing';
import { type Simulator } from '@gw/simulator';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { type Heard } from '../../support/history.js';
import { Listener } from '../../support/listener.js';
import { type Stack, startStack } from '../../support/stack.js';
import { VOICE } from '../../support/story.js';

type Fault = Omit<Parameters<Simulator['control']['faults']['add']>[0], 'user' | 'api'>;

const PATIENCE_MS = 50_000;
const UPSTREAM_TIMEOUT_MS = 2_000;
const CARRIED = [{ channel: VOICE, data: 100 }];
const TOLD = (what: string) => [what, 'connected'];

/** What goes wrong when a session begins, and what the person is told until it delivers. */
const beginnings: readonly [string, Fault | readonly Fault[], readonly string[], heard?: Heard][] = [
  [
    'the session-init call is answered 503 twice: interrupted, and tried again',
    { on: 'init', kind: 'status', status: 503, times: 2 },
    TOLD('interrupted: initialization_unavailable'),
  ],
  [
    'the session-init call is answered 401: nothing, as the token is renewed',
    { on: 'init', kind: 'status', status: 401 },
    ['connected'],
  ],
  [
    'the session-init call is answered 403: refused, and asked again within half a minute',
    { on: 'init', kind: 'status', status: 403 },
    TOLD('refused: initialization_refused'),
  ],
  [
    'the session-init call is not answered: interrupted when its time is over',
    { on: 'init', kind: 'hang' },
    TOLD('interrupted: upstream_timeout'),
  ],
  [
    'the connection of the session-init call is cut: interrupted, and tried again',
    { on: 'init', kind: 'reset' },
    TOLD('interrupted: upstream_unreachable'),
  ],
  [
    'the session-init call has truncated JSON: interrupted, and tried again',
    { on: 'init', kind: 'truncate' },
    TOLD('interrupted: initialization_unavailable'),
  ],
  [
    'the handshake is answered 401: nothing, as the token is renewed',
    { on: 'handshake', kind: 'status', status: 401 },
    ['connected'],
  ],
  [
    'the handshake is answered 403 once: nothing, as the session lives',
    { on: 'handshake', kind: 'status', status: 403 },
    ['connected'],
  ],
  [
    'the handshake is answered 503: interrupted, and tried again',
    { on: 'handshake', kind: 'status', status: 503 },
    TOLD('interrupted: upstream_status_503'),
  ],
  [
    'the handshake is answered 402: interrupted, and tried again',
    { on: 'handshake', kind: 'unknown-session' },
    TOLD('interrupted: session_unknown'),
  ],
  [
    'the connection of the handshake is cut: interrupted, and tried again',
    { on: 'handshake', kind: 'reset' },
    TOLD('interrupted: upstream_unreachable'),
  ],
  [
    'the handshake has truncated JSON: interrupted, and tried again',
    { on: 'handshake', kind: 'truncate' },
    TOLD('interrupted: bad_reply'),
  ],
  [
    'the handshake has an empty reply: interrupted, and tried again',
    { on: 'handshake', kind: 'omit-answer' },
    TOLD('interrupted: bad_reply'),
  ],
  [
    'the handshake succeeds with the advice not to come back: refused, and a new one within half a minute',
    { on: 'handshake', kind: 'advise', advice: { reconnect: 'none' } },
    TOLD('refused: reconnect_none'),
    ['gap'],
  ],
  [
    'the handshake succeeds with the advice to handshake: nothing',
    { on: 'handshake', kind: 'advise', advice: { reconnect: 'handshake' } },
    ['connected'],
  ],
  [
    'messages come with the handshake: they are heard',
    { on: 'handshake', kind: 'carry', messages: CARRIED },
    ['connected'],
    [100],
  ],
  [
    'messages come with the answer to a subscription: they are heard',
    { on: 'subscribe', kind: 'carry', messages: CARRIED },
    ['connected'],
    [100],
  ],
  [
    'a subscription is answered 500: connected as soon as it is made',
    { on: 'subscribe', kind: 'status', status: 500 },
    ['connected'],
  ],
  [
    'the reply to a subscription is lost: connected as soon as it is made again',
    { on: 'subscribe', kind: 'lose-reply' },
    ['connected'],
  ],
  [
    'the session is unknown to a subscription: connected as soon as it is made again',
    { on: 'subscribe', kind: 'unknown-session' },
    ['connected'],
  ],
  [
    'the session is unknown to a subscription, in the words of Faye: the same',
    { on: 'subscribe', kind: 'refuse', error: '401:abc:Unknown client' },
    ['connected'],
  ],
];

describe('What a person is told, who comes when', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({
      simulator: { extraAgents: beginnings.length },
      environment: { UPSTREAM_TIMEOUT_MS: String(UPSTREAM_TIMEOUT_MS) },
    });
  });
  afterAll(() => stack.close());

  for (const [index, [what, faults, states, heard = []]] of beginnings.entries()) {
    it.concurrent(what, async ({ expect }) => {
      const userName = `user${index + 1}`;
      const { control } = stack.simulator;
      const person = await stack.signIn(userName);
      for (const fault of [faults].flat()) control.faults.add({ ...fault, user: userName, api: 'workspace' });
      const listener = new Listener({ person, api: 'workspace', channel: VOICE, addresses: [stack.url] });
      await eventually(() => expect(listener.states.at(-1)).toBe('connected'), PATIENCE_MS);
      expect(control.publish(userName, 'workspace', VOICE, 101)).toBe(1);
      await eventually(() => expect(listener.heard).toEqual([...heard, 101]), PATIENCE_MS);
      // Each as often as it takes; `connecting` comes between, or does not.
      const told = new Set(listener.states.filter((state) => state !== 'connecting'));
      expect([...told]).toEqual(states);
      expect(control.faults.list().filter(({ user }) => user === userName)).toEqual([]);
      listener.close();
    });
  }
});
