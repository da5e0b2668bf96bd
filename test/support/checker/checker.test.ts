import { describe, expect, it } from 'vitest';
import { deliveryBreaches } from './delivery.js';
import {
  type BreachKind,
  type ClientEvent,
  type ClientHistory,
  type Polls,
  type UserHistory,
} from './user-history.js';
import { judge } from './verdict.js';
import { describeVerdict } from './verdict-text.js';

/** A number is heard 5 ms after its publication, which is its number times 10; the rest happens as it stands. */
type Step = number | 'ready' | 'back' | 'gap' | 'epoch' | 'down' | 'up' | 'closed' | ClientEvent;

const hears = (number: number, at = number * 10 + 5, cursor = `c${number}`): ClientEvent => {
  return { kind: 'notification', at, number, cursor };
};

function eventsOf(steps: readonly Step[]): ClientEvent[] {
  let at = -1;
  return steps.map((step) => {
    const event = typeof step === 'object' ? step : typeof step === 'number' ? hears(step) : named(step, at);
    at = event.at;
    return event;
  });
}

function named(step: Exclude<Step, number | ClientEvent>, at: number): ClientEvent {
  switch (step) {
    case 'ready':
      return { kind: 'ready', at, isFresh: true, isConnected: true };
    case 'back':
      return { kind: 'ready', at, isFresh: false, isConnected: true };
    case 'gap':
      return { kind: 'gap', at, reason: 'upstream' };
    case 'epoch':
      return { kind: 'gap', at, reason: 'epoch' };
    case 'down':
      return { kind: 'state', at, isConnected: false };
    case 'up':
      return { kind: 'state', at, isConnected: true };
    case 'closed':
      return { kind: 'closed', at };
  }
}

const tab = (steps: readonly Step[], more: Partial<ClientHistory> = {}): ClientHistory => {
  return { name: 'tab', events: eventsOf(steps), isAttachedAtEnd: true, ...more };
};

const anna = (clients: readonly ClientHistory[], more: Partial<UserHistory> = {}): UserHistory => ({
  user: 'anna',
  published: Array.from({ length: 10 }, (_, number) => ({ number, at: number * 10 })),
  clients,
  polls: {},
  tokens: { endedLives: 0, redemptions: 0, interrupted: 0 },
  ...more,
});

const kindsIn = (...histories: UserHistory[]): BreachKind[] =>
  judge(histories).breaches.map(({ kind }) => kind);

const ALL = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

describe('The promise is kept', () => {
  it.each<[string, Step[]]>([
    ['when every number comes once, in order', ['ready', ...ALL]],
    ['when a gap tells, before anything newer, that some were lost', ['ready', 0, 1, 'gap', 5, 6, 7, 8, 9]],
    ['when a gap is told and nothing was lost', ['ready', 0, 1, 'gap', 2, 3, 4, 5, 6, 7, 8, 9]],
    ['to one who comes back by its cursor', ['ready', 0, 1, 'closed', 'back', ...ALL.slice(2)]],
    ['when a number comes again under its cursor', ['ready', 0, 1, 2, 'back', 1, 2, 3, 4, 5, 6, 7, 8, 9]],
    [
      'when the journal was lost, and its last numbers come again',
      ['ready', 0, 1, 2, 'epoch', hears(1, 31, 'd1'), ...ALL.slice(3)],
    ],
    ['to one who came late', [{ kind: 'ready', at: 52, isFresh: true, isConnected: true }, 5, 6, 7, 8, 9]],
    [
      'to one who came before the API delivered',
      [
        { kind: 'ready', at: 0, isFresh: true, isConnected: false },
        { kind: 'state', at: 34, isConnected: true },
        4,
        5,
        6,
        7,
        8,
        9,
      ],
    ],
  ])('%s', (_, steps) => {
    expect(kindsIn(anna([tab(steps)]))).toEqual([]);
  });

  it('to one who left: it is owed nothing more', () => {
    expect(kindsIn(anna([tab(['ready', 0, 1, 2, 'closed'], { isAttachedAtEnd: false })]))).toEqual([]);
  });
});

describe('The promise is broken', () => {
  it.each<[string, Step[], BreachKind[]]>([
    ['by a hole', ['ready', 0, 1, 3, 4, 5, 6, 7, 8, 9], ['lost']],
    ['by a hole at the beginning', ['ready', 2, 3, 4, 5, 6, 7, 8, 9], ['lost']],
    ['by a hole that a gap tells of too late', ['ready', 0, 1, 4, 'gap', 5, 6, 7, 8, 9], ['lost']],
    ['by a second hole behind one that was told', ['ready', 0, 'gap', 2, 4, 5, 6, 7, 8, 9], ['lost']],
    [
      'by a hole for one who comes back by its cursor',
      ['ready', 0, 'closed', 'back', 2, 3, 4, 5, 6, 7, 8, 9],
      ['lost'],
    ],
    [
      'by a number that comes again under another cursor',
      ['ready', 0, 1, hears(1, 16, 'other'), ...ALL.slice(2)],
      ['repeated', 'stored-twice'],
    ],
    ['by a wrong order', ['ready', 0, 2, 1, ...ALL.slice(3)], ['lost', 'repeated']],
    ['by silence', ['ready', 0, 1, 2], ['silent']],
    ['by silence behind a gap', ['ready', 0, 1, 'gap', 4, 5], ['silent']],
    ['by silence from the beginning', ['ready'], ['silent']],
    ['by what nobody published', ['ready', ...ALL, 10], ['invented']],
    [
      'by one cursor for two notifications',
      ['ready', 0, 1, hears(2, 25, 'c1'), ...ALL.slice(3)],
      ['ambiguous-cursor', 'ambiguous-cursor'],
    ],
  ])('%s', (_, steps, kinds) => {
    expect(kindsIn(anna([tab(steps)])).toSorted()).toEqual(kinds.toSorted());
  });

  it('by two clients who hear the same notification under two cursors', () => {
    const other = tab([
      'ready',
      ...ALL.map((number) => hears(number, number * 10 + 5, number === 4 ? 'x' : `c${number}`)),
    ]);
    expect(kindsIn(anna([tab(['ready', ...ALL]), other]))).toEqual(['stored-twice']);
  });

  it('by frames later than a second after the revocation', () => {
    const revoked = { at: 30, withinMs: 20 };
    expect(kindsIn(anna([tab(['ready', 0, 1, 2, 3, 4], { revoked, isAttachedAtEnd: false })]))).toEqual([]);
    expect(kindsIn(anna([tab(['ready', 0, 1, 2, 3, 4, 5], { revoked, isAttachedAtEnd: false })]))).toEqual([
      'heard-after-revocation',
    ]);
  });

  it('by more redemptions than tokens that ended', () => {
    const tokens = (endedLives: number, redemptions: number, interrupted = 0) =>
      kindsIn(anna([], { tokens: { endedLives, redemptions, interrupted } }));
    expect(tokens(2, 2)).toEqual([]);
    expect(tokens(2, 3, 1)).toEqual([]);
    expect(tokens(2, 3)).toEqual(['redeemed-twice']);
  });

  it('by two CometD sessions that are polled at the same time', () => {
    const run = (clientId: string, count: number): Polls => ({ clientId, firstAt: 0, lastAt: 0, count });
    const polled = (...runs: Polls[]) => kindsIn(anna([], { polls: { workspace: runs } }));
    expect(polled(run('a', 9), run('b', 9))).toEqual([]);
    expect(polled(run('a', 9), run('b', 9), run('a', 1), run('b', 9))).toEqual([]);
    expect(polled(run('a', 9), run('late', 1), run('a', 9))).toEqual([]);
    expect(polled(run('a', 9), run('b', 3), run('a', 9))).toEqual(['two-sessions']);
    expect(polled(run('a', 9), run('b', 1), run('a', 2), run('b', 1), run('a', 2))).toEqual(['two-sessions']);
  });
});

describe('The account of a breach', () => {
  const run = { seed: 7, startedAt: 0, faults: [{ at: 12, what: 'kill -9 gateway-2' }] };

  it('has the smallest history that breaks the promise', () => {
    const steps: Step[] = ['ready', 0, 'closed', 'back', 1, 2, 'down', 'up', 5, 6, 7, 'closed', 'back', 8, 9];
    const verdict = judge([anna([tab(steps)])]);
    const { published, client } = verdict.breaches[0]!.smallest!;
    // The one that is lost, the one that came, and what obliges: being attached, or another one before.
    const others = client.events.filter(({ kind }) => kind !== 'notification');
    expect(published.length + others.length).toBe(3);
    expect(deliveryBreaches(published, client).map(({ kind }) => kind)).toEqual(['lost']);
  });

  it('is about what was lost untold, not about what a gap told of', () => {
    const verdict = judge([anna([tab(['ready', 0, 'gap', 3, 5, 6, 7, 'gap', 9])])]);
    expect(verdict.breaches.map(({ what }) => what)).toEqual(['nobody told that 4 to 4 were lost']);
    const { published } = verdict.breaches[0]!.smallest!;
    expect(published.map(({ number }) => number)).toContain(4);
    expect(published.map(({ number }) => number)).not.toContain(8);
  });

  it('is that of whoever needs least to show it, with seed and faults', () => {
    const long = tab(['ready', 0, 1, hears(1, 16, 'other'), 2, 3, 4, 5, 6, 7, 8, 9]);
    const text = describeVerdict(judge([anna([long]), { ...anna([tab(['ready'])]), user: 'bela' }]), run);
    expect(text).toContain('seed 7');
    expect(text).toContain('0.012 s  kill -9 gateway-2');
    expect(text).toMatch(/breaches of the promise\n {2}bela, tab: silent: 0 to 9 never came/u);
    expect(
      text
        .split('\n')
        .slice(-2)
        .map((line) => line.trim()),
    ).toEqual([
      '-0.001 s    tab is attached without a cursor',
      expect.stringMatching(/^0\.0\d0 s {2}published \d$/u),
    ]);
  });

  it('says when there is none', () => {
    expect(describeVerdict(judge([anna([tab(['ready', ...ALL])])]), run)).toContain('clean');
  });
});
