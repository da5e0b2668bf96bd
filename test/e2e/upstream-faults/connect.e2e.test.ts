import { afterAll, beforeAll, describe, it } from 'vitest';
import { type Simulator } from '@gw/simulator';
import { type Stack, startStack } from '../../support/stack.js';
import { Story, type Told } from '../../support/story.js';

type Fault = Omit<Parameters<Simulator['control']['faults']['add']>[0], 'user'>;

const NOTHING = { gaps: 0, states: [], handshakes: 0 };
const REPAIRED = (reason: string) => ({ ...NOTHING, states: [`interrupted: ${reason}`, 'connected'] });
const NEW_SESSION = (reason: string) => ({ ...REPAIRED(reason), gaps: 1, handshakes: 1 });

/**
 * A poll that goes wrong: what is done to it, what the person is told of it, and how many sessions are left
 * at the platform for a while, because it says that it knows nothing of them.
 */
const polls: readonly [string, Fault | readonly Fault[], Omit<Told, 'faults'>, leftBehind?: 1][] = [
  [
    'is answered 401: nothing, as the token is renewed',
    { on: 'connect', kind: 'status', status: 401 },
    NOTHING,
  ],
  [
    'is answered 403 once: nothing, as the session lives',
    { on: 'connect', kind: 'status', status: 403 },
    NOTHING,
  ],
  [
    'is answered 402 by the HTTP server: a new session, and a gap',
    { on: 'connect', kind: 'status', status: 402 },
    NEW_SESSION('session_unknown'),
    1,
  ],
  [
    'is answered 402 by the CometD server: a new session, and a gap',
    { on: 'connect', kind: 'unknown-session' },
    NEW_SESSION('session_unknown'),
    1,
  ],
  [
    'is answered 500: a short interruption',
    { on: 'connect', kind: 'status', status: 500 },
    REPAIRED('upstream_status_500'),
  ],
  [
    'is answered 503 three times: one interruption',
    { on: 'connect', kind: 'status', status: 503, times: 3 },
    REPAIRED('upstream_status_503'),
  ],
  ['is reset: a short interruption', { on: 'connect', kind: 'reset' }, REPAIRED('upstream_unreachable')],
  [
    'is reset in place of the reply: the batch comes again, once',
    { on: 'connect', kind: 'lose-reply' },
    REPAIRED('upstream_unreachable'),
  ],
  [
    'is cut in the middle of a batch: the batch comes again, once',
    { on: 'connect', kind: 'cut' },
    REPAIRED('upstream_unreachable'),
  ],
  [
    'has truncated JSON: the batch comes again, once',
    { on: 'connect', kind: 'truncate' },
    REPAIRED('bad_reply'),
  ],
  [
    'has messages and no answer: they come, once',
    { on: 'connect', kind: 'omit-answer' },
    REPAIRED('incomplete_reply'),
  ],
  ['has one id for all messages: nothing', { on: 'connect', kind: 'same-ids', times: 3 }, NOTHING],
  [
    'is refused without advice: a short interruption',
    { on: 'connect', kind: 'refuse', error: '400::bad' },
    REPAIRED('unsuccessful'),
  ],
  [
    'is refused with the advice not to come back: refused, and a new session within half a minute',
    { on: 'connect', kind: 'refuse', error: '403::go', advice: { reconnect: 'none' } },
    { ...NEW_SESSION(''), states: ['refused: reconnect_none', 'connecting', 'connected'] },
    1,
  ],
  [
    'succeeds with the advice not to come back: the same',
    { on: 'connect', kind: 'advise', advice: { reconnect: 'none' } },
    { ...NEW_SESSION(''), states: ['refused: reconnect_none', 'connecting', 'connected'] },
  ],
  [
    'succeeds with the advice to handshake: a new session, and a gap',
    { on: 'connect', kind: 'advise', advice: { reconnect: 'handshake' } },
    NEW_SESSION('session_unknown'),
    1,
  ],
  [
    'has advice that makes no sense: nothing',
    {
      on: 'connect',
      kind: 'advise',
      times: 3,
      advice: { reconnect: 'maybe', interval: 'soon', timeout: -1, maxInterval: null },
    },
    NOTHING,
  ],
  [
    'has other advice each time: nothing',
    [
      { on: 'connect', kind: 'advise', advice: { interval: 300 } },
      { on: 'connect', kind: 'advise', advice: { timeout: 0, maxInterval: 1 } },
      { on: 'connect', kind: 'advise', advice: { timeout: 600_000, interval: 0, maxInterval: 60_000 } },
    ],
    NOTHING,
  ],
  [
    'has no acknowledgement any more: a new session without the extension, and a gap',
    { on: 'connect', kind: 'no-ack' },
    NEW_SESSION('acknowledgements_broken'),
  ],
  [
    'has an acknowledgement that goes backwards: the same',
    { on: 'connect', kind: 'old-ack' },
    NEW_SESSION('acknowledgements_broken'),
  ],
];

describe('What a person is told when a poll', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ simulator: { extraAgents: polls.length } });
  });
  afterAll(() => stack.close());

  for (const [index, [what, faults, expected, leftBehind = 0]] of polls.entries()) {
    it.concurrent(what, async ({ expect }) => {
      const story = await Story.begin(stack, `user${index + 1}`);
      await story.strike(...[faults].flat());
      const told = await story.end(expected);
      expect(told).toEqual({ faults: [], ...expected });
      const { maxSessions, multipleClientsAdvised } = story.seen.apis.workspace;
      expect(maxSessions).toBeLessThanOrEqual(1 + leftBehind);
      expect(multipleClientsAdvised).toBe(false);
    });
  }
});
