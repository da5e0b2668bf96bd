import { eventually } from '@gw/kernel/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { faultsIn } from '../../support/history.js';
import { NumberStream } from '../../support/number-stream.js';
import { type Person } from '../../support/person.js';
import { Poller } from '../../support/poller.js';
import { expectProblem } from '../../support/problem.js';
import { type Stack, type StackOptions, startStack } from '../../support/stack.js';

const VOICE = '/workspace/v3/voice';
const VOICE_ONLY = `workspace:${VOICE}`;

let stack: Stack;
let anna: Person;
let poller: Poller;
afterEach(() => stack.close());

const control = () => stack.simulator.control;
const publish = (...data: unknown[]) => {
  for (const one of data) control().publish('anna', 'workspace', VOICE, one);
};
const isSubscribed = () =>
  eventually(() => expect(control().seen('anna').apis.workspace.subscriptions).toContain(VOICE));

const open = async (options?: StackOptions, channels: 'default' | 'voice' = 'voice') => {
  stack = await startStack(options);
  anna = await stack.signIn('anna');
  poller = new Poller(anna, stack.url, channels === 'voice' ? VOICE_ONLY : undefined);
};

/** Has a cursor, and is listened for. */
const begin = async (options?: StackOptions) => {
  await open(options);
  await poller.poll();
  await isSubscribed();
};

async function timed<T>(work: Promise<T>): Promise<{ readonly result: T; readonly ms: number }> {
  const start = performance.now();
  const result = await work;
  return { result, ms: performance.now() - start };
}

describe('an app that polls', () => {
  it('learns where it is, at once, when it has no cursor', async () => {
    await open(undefined, 'default');
    const response = await poller.request();
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    const answer = (await response.json()) as object;
    expect(Object.keys(answer).toSorted()).toEqual(['cursor', 'notifications']);
    expect(answer).toMatchObject({ notifications: [], cursor: expect.any(String) as string });
  });

  it('hears of the default channels of every API when it names none', async () => {
    await open(undefined, 'default');
    await poller.poll();
    await eventually(() => {
      const { workspace, statistics } = control().seen('anna').apis;
      expect([workspace.subscriptions.length > 0, statistics.subscriptions.length > 0]).toEqual([true, true]);
    });
    await isSubscribed();
    publish('voice');
    control().publish('anna', 'statistics', '/statistics/v3/updates', 'statistics');
    await eventually(async () => {
      await poller.poll();
      expect(poller.data).toEqual(expect.arrayContaining(['statistics', 'voice']));
    });
  });

  it('is held until there is something, and gets it then', async () => {
    await begin();
    const polling = timed(poller.poll({ wait: 20 }));
    setTimeout(() => publish('at last'), 300);
    const { result, ms } = await polling;
    expect(result.notifications).toMatchObject([
      { api: 'workspace', channel: VOICE, data: 'at last', cursor: result.cursor },
    ]);
    expect(ms).toBeLessThan(10_000);
  });

  it('gets nothing, and a cursor, when its time is over', async () => {
    await begin();
    const { result, ms } = await timed(poller.poll({ wait: 1 }));
    expect(result.notifications).toEqual([]);
    expect(ms).toBeGreaterThan(950);
    publish('after');
    expect((await poller.poll({ wait: 20 })).notifications).toMatchObject([{ data: 'after' }]);
  });

  it('gets what came between two polls, in order', async () => {
    await begin();
    publish(1, 2, 3);
    await eventually(async () => {
      await poller.poll();
      expect(poller.data).toEqual([1, 2, 3]);
    });
    expect(poller.gaps).toEqual([]);
  });

  it('loses nothing and costs no new session upstream, however long it goes on with short pauses', async () => {
    await begin({ environment: { UPSTREAM_LINGER_MS: '1500' } });
    const stream = new NumberStream(control(), 'anna', 'workspace', VOICE, 20);
    const running = poller.run(1, 400);
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    const last = stream.stop();
    await eventually(() => expect(poller.data).toContain(last), 10_000);
    // Nothing comes any more, and the session upstream is kept all the same.
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    poller.stop();
    await running;
    expect(faultsIn(stream.published, poller.heard)).toEqual([]);
    expect(poller.gaps).toEqual([]);
    const { handshakes, sessions } = control().seen('anna').apis.workspace;
    expect({ handshakes, sessions }).toEqual({ handshakes: 1, sessions: 1 });
  });

  it('keeps its place while much is sent on channels of others', async () => {
    // Room for a round, and for what the platform says at the beginning; not for all rounds.
    await begin({ environment: { JOURNAL_MAX_LENGTH: '8' } });
    const other = new Poller(anna, stack.url, 'workspace:/workspace/v3/media/*');
    await other.poll();
    for (let round = 0; round < 3; round += 1) {
      publish(1, 2, 3, 4);
      await eventually(async () => {
        await poller.poll();
        expect(poller.data).toHaveLength((round + 1) * 4);
      });
      expect((await other.poll({ wait: 1 })).notifications).toEqual([]);
    }
    expect(other.gaps).toEqual([]);
  });

  it('gets long lists in pieces, each at once, in order', async () => {
    await begin({ environment: { JOURNAL_MAX_LENGTH: '3000' } });
    const numbers = Array.from({ length: 1_250 }, (_, index) => index);
    control().publishMany('anna', 'workspace', VOICE, numbers);
    const watching = new Poller(anna, stack.url, VOICE_ONLY);
    await eventually(async () => {
      await watching.poll({ after: poller.cursor! });
      expect(watching.answers.at(-1)?.notifications).toHaveLength(500);
    });
    const pieces = [];
    for (let n = 0; n < 3; n += 1) pieces.push((await timed(poller.poll({ wait: 30 }))).ms);
    expect(poller.answers.map(({ notifications }) => notifications.length)).toEqual([0, 500, 500, 250]);
    expect(poller.data).toEqual(numbers);
    expect(Math.max(...pieces)).toBeLessThan(10_000);
    expect(poller.gaps).toEqual([]);
  });

  it('gets large notifications in pieces of about a megabyte', async () => {
    await begin();
    const texts = Array.from({ length: 8 }, (_, n) => `${n} ` + 'Grüße 👩‍💻 €𝄞 '.repeat(12_000));
    control().publishMany('anna', 'workspace', VOICE, texts);
    await eventually(async () => {
      await poller.poll({ wait: 5 });
      expect(poller.data).toHaveLength(texts.length);
    });
    expect(poller.data).toEqual(texts);
    for (const { notifications } of poller.answers) {
      expect(Buffer.byteLength(JSON.stringify(notifications))).toBeLessThan(1_100_000);
    }
  });

  it('is let go of when it hangs up', async () => {
    await begin({ environment: { UPSTREAM_LINGER_MS: '300' } });
    const leaving = new AbortController();
    const polling = poller.poll({ wait: 30, signal: leaving.signal }).catch((error: unknown) => error);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(control().seen('anna').apis.workspace.sessions).toBe(1);
    leaving.abort();
    expect(await polling).toMatchObject({ name: 'AbortError' });
    await eventually(() => expect(control().seen('anna').apis.workspace.sessions).toBe(0));
  });

  it('is answered when the instance leaves', async () => {
    await begin();
    const polling = poller.request({ wait: 30 });
    await new Promise((resolve) => setTimeout(resolve, 300));
    await stack.close();
    const response = await polling;
    expect(response.status).toBe(200);
    expect(response.headers.get('connection')).toBe('close');
    expect(await response.json()).toEqual({ notifications: [], cursor: expect.any(String) as string });
    await open();
  });

  it('does not keep its session from idling out', async () => {
    await open({ environment: { SESSION_IDLE_TTL_S: '2' } });
    const polls = async () => {
      for (let n = 0; n < 10; n += 1) {
        const response = await poller.request({ wait: 1 });
        if (response.status !== 200) return response.status;
      }
      return 200;
    };
    expect(await polls()).toBe(401);
  });
});

describe('an app that polls and may have missed something', () => {
  it('is told when it was away for longer than the journal reaches', async () => {
    await begin({ environment: { JOURNAL_MAX_LENGTH: '5' } });
    const watching = anna.openTab({ channels: [{ api: 'workspace', channel: VOICE }] });
    await watching.connected('workspace');
    publish(1, 2, 3, 4, 5, 6, 7);
    await eventually(() => expect(watching.dataOn(VOICE)).toHaveLength(7));
    const { gap, notifications, cursor } = await poller.poll({ wait: 30 });
    expect(gap).toMatchObject({ api: 'workspace', apis: ['workspace'], reason: 'window', cursor });
    expect(notifications).toEqual([]);
    publish('live');
    expect(await poller.poll({ wait: 30 })).toMatchObject({ notifications: [{ data: 'live' }] });
    expect(poller.gaps).toHaveLength(1);
  });

  it('is told so once for all the APIs that it concerns', async () => {
    await open(undefined, 'default');
    const strange = await poller.poll({ after: 'anotherEpoch.7', wait: 30 });
    expect(strange.gap).toMatchObject({ reason: 'epoch', cursor: strange.cursor });
    expect(strange.gap?.apis).toEqual(['workspace', 'statistics', 'provisioning']);
    expect((await poller.poll()).gap).toBeUndefined();
  });

  it('is told when nobody had listened for it', async () => {
    await begin({ environment: { UPSTREAM_LINGER_MS: '100' } });
    publish(1);
    await eventually(async () => {
      await poller.poll();
      expect(poller.data).toEqual([1]);
    });
    await eventually(() => expect(control().seen('anna').apis.workspace.sessions).toBe(0));
    expect((await poller.poll({ wait: 30 })).gap).toMatchObject({ api: 'workspace', reason: 'upstream' });
  });

  it('is told when the platform lost its session, after what came before and before what came after', async () => {
    await begin();
    publish('before');
    await eventually(async () => {
      await poller.poll();
      expect(poller.data).toEqual(['before']);
    });
    control().forgetBayeuxSession('anna', 'workspace');
    const { gap } = await poller.poll({ wait: 30 });
    expect(gap).toMatchObject({ reason: 'upstream' });
    await isSubscribed();
    publish('after');
    const { notifications, gap: none } = await poller.poll({ wait: 30 });
    expect(notifications).toMatchObject([{ data: 'after' }]);
    expect(none).toBeUndefined();
    // Whoever reads it all at once: the first answer ends where the gap is.
    const late = new Poller(anna, stack.url, VOICE_ONLY);
    await late.poll({ after: poller.answers[0]!.cursor });
    await late.poll({ wait: 30 });
    expect(late.answers).toMatchObject([
      { notifications: [{ data: 'before' }] },
      { gap: { reason: 'upstream' }, notifications: [{ data: 'after' }] },
    ]);
  });
});

describe('a poll that is refused', () => {
  const ask = (query: string) => anna.request(`/notifications${query}`);

  it('has parameters that cannot be read', async () => {
    await open();
    const wrong = [
      '?after=garbage',
      '?after=',
      `?after=${'a'.repeat(500)}`,
      '?after=abcdefgh.1&after=abcdefgh.2',
      '?wait=31',
      '?wait=-1',
      '?wait=abc',
      '?wait=1.5',
      '?wait=',
      '?wait=1e1',
      '?wait=1&wait=2',
      '?channels=',
      '?channels=workspace',
      '?channels=workspace:/workspace/v3/voice,',
      `?channels=${Array.from({ length: 101 }, () => VOICE_ONLY).join(',')}`,
    ];
    for (const query of wrong) expectProblem(await ask(query), 400, 'bad_request');
  });

  it('names channels that there are not, or not for it', async () => {
    await open();
    expectProblem(await ask('?channels=nowhere:/x'), 400, 'unknown_api');
    expectProblem(await ask('?channels=workspace:x'), 400, 'bad_channel');
    expectProblem(await ask('?channels=workspace:/elsewhere'), 403, 'channel_not_allowed');
  });

  it('has no session', async () => {
    await open();
    const answer = await fetch(`${stack.url}/notifications?wait=30`);
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ code: 'unauthenticated' });
  });

  it('is one too many of that person; the others are none the worse', async () => {
    await begin();
    const bela = new Poller(await stack.signIn('bela'), stack.url, VOICE_ONLY);
    const leaving = new AbortController();
    const held = Array.from({ length: 20 }, () => poller.poll({ wait: 30, signal: leaving.signal }));
    await new Promise((resolve) => setTimeout(resolve, 500));
    const refused = await anna.request('/notifications?wait=30');
    expectProblem(refused, 429, 'too_many_requests_held');
    expect(refused.headers.get('retry-after')).toBe('1');
    expect((await bela.poll()).notifications).toEqual([]);
    publish('for all');
    const answers = await Promise.all(held);
    expect(answers.map(({ notifications }) => notifications[0]?.data)).toEqual(
      Array.from({ length: 20 }, () => 'for all'),
    );
    expect((await anna.request('/notifications')).status).toBe(200);
  });

  it('is held while its session ends', async () => {
    await begin();
    const polling = timed(poller.request({ wait: 30 }));
    await new Promise((resolve) => setTimeout(resolve, 300));
    const { ms: logoutMs } = await timed(anna.post('/auth/logout'));
    const { result, ms } = await polling;
    expect(result.status).toBe(401);
    expect(await result.json()).toMatchObject({ code: 'session_ended' });
    expect(ms).toBeLessThan(300 + logoutMs + 1_000);
    expect((await poller.request()).status).toBe(401);
  });
});

describe('a HEAD for notifications', () => {
  it('is answered at once', async () => {
    await open();
    for (const path of ['/notifications?wait=30', '/notifications/stream']) {
      const { status, text } = await anna.request(path, 'HEAD');
      expect([status, text]).toEqual([200, '']);
    }
  });
});
