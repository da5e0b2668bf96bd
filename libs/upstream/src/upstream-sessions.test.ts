import { asApiName, asSessionId, asUserId, Secret } from '@gw/kernel';
import { FakeClock } from '@gw/kernel/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { engageProfile } from './engage-profile.js';
import { alone } from './testing/alone.js';
import { NumberedBearers } from './testing/numbered-bearers.js';
import { ScriptedUpstream } from './testing/scripted-upstream.js';
import { upstreamTimeout } from './upstream-errors.js';
import { UpstreamEvents } from './upstream-events.js';
import { UpstreamSessions } from './upstream-sessions.js';

const jane = asUserId('jane');
const joe = asUserId('joe');
const workspace = asApiName('workspace');
const statistics = asApiName('statistics');
const INIT = '/workspace/v3/initialize-workspace';
const PROBE = '/workspace/v3/current-session';
const VOICE = '/workspace/v3/voice';
const get = { method: 'GET', path: VOICE, timeoutMs: 1_000 };

class RecordedEvents extends UpstreamEvents {
  readonly seen: unknown[][] = [];
  override initialised = (...args: unknown[]) => void this.seen.push(['initialised', ...args]);
  override initRefused = (...args: unknown[]) => void this.seen.push(['initRefused', ...args]);
  override recovered = (...args: unknown[]) => void this.seen.push(['recovered', ...args]);
  override recoveryGivenUp = (...args: unknown[]) => void this.seen.push(['recoveryGivenUp', ...args]);
  override logoutFailed = (...args: unknown[]) => void this.seen.push(['logoutFailed', ...args.slice(0, 2)]);
}

let upstream: ScriptedUpstream;
let bearers: NumberedBearers;
let clock: FakeClock;
let events: RecordedEvents;
let sessions: UpstreamSessions;

beforeEach(() => {
  upstream = new ScriptedUpstream();
  bearers = new NumberedBearers();
  clock = new FakeClock();
  events = new RecordedEvents();
  const options = { apiUrl: 'https://gws.example.com/', apiKey: new Secret('key'), timeoutMs: 30_000 };
  sessions = new UpstreamSessions(engageProfile, bearers, upstream, clock, events, options, alone(clock));
});

/** What a request is sent with, as recovery wants it. */
async function ready(user = jane, api = workspace) {
  const prepared = await sessions.prepare(user, api, VOICE);
  if (prepared.kind !== 'ready') throw new Error(`Not ready: ${prepared.kind}`);
  return prepared;
}

describe('preparing a request', () => {
  it('makes the upstream session first, once for all who wait, and sends its cookie', async () => {
    const both = await Promise.all([ready(), ready()]);
    expect(upstream.count(INIT)).toBe(1);
    for (const { headers, generation } of both) {
      expect(generation).toBe(1);
      expect(headers).toEqual({
        authorization: 'Bearer jane-token-1',
        'x-api-key': 'key',
        cookie: 'WORKSPACE_SESSIONID=ws-1',
      });
    }
    expect(upstream.sent[0]).toMatchObject({ origin: 'https://gws.example.com', method: 'POST' });
    expect(events.seen).toEqual([['initialised', jane, workspace, 1]]);
  });

  it('needs no session where the API has no session-init call', async () => {
    expect(await ready(jane, statistics)).toMatchObject({ generation: 0, token: 'jane-token-1' });
    expect(upstream.sent).toHaveLength(0);
  });

  it('is done also when the session was refused, which is not asked again at once', async () => {
    upstream.on(INIT, { status: 200, body: '{"status":{"code":5}}' });
    expect((await ready()).generation).toBe(0);
    await ready();
    expect(upstream.count(INIT)).toBe(1);
    expect(events.seen).toEqual([['initRefused', jane, workspace, 200, 5]]);
    await clock.elapse(5_000);
    await ready();
    expect(upstream.count(INIT)).toBe(2);
  });

  it('says what is wrong with the bearer', async () => {
    bearers.outcome = { kind: 'unavailable', retryAfterMs: 7 };
    expect(await sessions.prepare(jane, workspace, VOICE)).toEqual(bearers.outcome);
    bearers.outcome = { kind: 'signed-out' };
    expect(await sessions.prepare(jane, statistics, VOICE)).toEqual(bearers.outcome);
  });

  it('fails when the upstream cannot be asked, and asks again the next time', async () => {
    upstream.on(INIT, upstreamTimeout());
    await expect(sessions.prepare(jane, workspace, VOICE)).rejects.toMatchObject({
      code: 'upstream_timeout',
    });
    upstream.reset(INIT);
    expect((await ready()).generation).toBe(1);
  });

  it('keeps users apart, lets APIs of one origin share cookies, and keeps the Bayeux cookie out', async () => {
    sessions.remember(jane, statistics, ['AWSALB=node-1', 'BAYEUX_BROWSER=b1']);
    expect((await ready(jane, statistics)).headers.cookie).toBe('AWSALB=node-1');
    expect((await ready(jane, workspace)).headers.cookie).toBe('AWSALB=node-1; WORKSPACE_SESSIONID=ws-1');
    expect((await ready(joe, statistics)).headers.cookie).toBeUndefined();
  });
});

describe('an API behind a path', () => {
  it('is called beneath that path, session-init and requests alike', async () => {
    const options = { apiUrl: 'https://gate.example.com/engage/', timeoutMs: 30_000 };
    const behind = new UpstreamSessions(
      engageProfile,
      bearers,
      upstream,
      clock,
      events,
      options,
      alone(clock),
    );
    const prepared = await behind.prepare(jane, workspace, VOICE);
    expect(prepared).toMatchObject({ origin: 'https://gate.example.com', path: `/engage${VOICE}` });
    await behind.request(jane, workspace, get);
    expect(upstream.sent.map(({ path }) => path)).toEqual([`/engage${INIT}`, `/engage${VOICE}`]);
  });
});

describe('making the session', () => {
  it('replaces the bearer once when the session-init call answers 401', async () => {
    upstream.on(INIT, { status: 401 });
    expect(await sessions.ensureInitialised(jane, workspace)).toEqual({ kind: 'refused', status: 401 });
    expect(upstream.sent.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer jane-token-1',
      'Bearer jane-token-2',
    ]);
  });

  it.each([
    ['an error of the server', { status: 503 }],
    ['too many requests', { status: 429 }],
    ['half of an answer', { status: 200, body: '{"status":{"co' }],
  ])(
    'says nothing of the user when the session-init call gets %s, and is tried with the next need',
    async (...row) => {
      upstream.on(INIT, row[1]);
      const failed = { kind: 'failed', status: row[1].status };
      expect(await sessions.ensureInitialised(jane, workspace)).toEqual(failed);
      upstream.reset(INIT);
      expect(await sessions.ensureInitialised(jane, workspace)).toEqual({ kind: 'initialised', fresh: true });
    },
  );

  it('fails a call that is refused for want of a session, where the upstream is out of order', async () => {
    await ready();
    upstream.on(VOICE, { status: 403 });
    upstream.on(PROBE, { status: 403 });
    upstream.on(INIT, { status: 503 });
    await expect(sessions.request(jane, workspace, get)).rejects.toMatchObject({
      code: 'initialization_unavailable',
    });
    upstream.on(INIT, { status: 403 });
    await clock.elapse(5_000);
    expect(await sessions.request(jane, workspace, get)).toMatchObject({ kind: 'answered', status: 403 });
  });

  it('tells who made it', async () => {
    expect(await sessions.ensureInitialised(jane, workspace)).toEqual({ kind: 'initialised', fresh: true });
    expect(await sessions.ensureInitialised(jane, workspace)).toEqual({ kind: 'initialised', fresh: false });
    expect(await sessions.ensureInitialised(jane, statistics)).toEqual({ kind: 'initialised', fresh: false });
  });
});

describe('a session that was made in vain', () => {
  it('is made again when it is needed the next time, and whoever listens is told', async () => {
    const told: unknown[] = [];
    sessions.onInitialised((...args) => told.push(args));
    await ready();
    sessions.giveUp(jane, workspace);
    await ready();
    await ready();
    expect([upstream.count(INIT), sessions.generation(jane, workspace)]).toEqual([2, 2]);
    expect(told).toEqual([
      [jane, workspace],
      [jane, workspace],
    ]);
  });
});

describe('recovering', () => {
  it('from a 403 makes the session anew, once for all, and tells the listeners', async () => {
    const told: unknown[] = [];
    const used = await ready();
    const stop = sessions.onInitialised((...args) => told.push(args));
    const advice = await Promise.all([1, 2, 3].map(() => sessions.recover(jane, workspace, 403, used)));
    expect(advice).toEqual(['repeat', 'repeat', 'repeat']);
    expect([upstream.count(INIT), sessions.generation(jane, workspace)]).toEqual([2, 2]);
    expect(await sessions.recover(jane, workspace, 403, used)).toBe('repeat');
    expect(upstream.count(INIT)).toBe(2);
    expect(told).toEqual([[jane, workspace]]);
    stop();
    await clock.elapse(5_000);
    expect(await sessions.recover(jane, workspace, 403, await ready())).toBe('repeat');
    expect(told).toHaveLength(1);
  });

  it('from a 403 for good gives up for a few seconds at a time', async () => {
    expect(await sessions.recover(jane, workspace, 403, await ready())).toBe('repeat');
    expect(await sessions.recover(jane, workspace, 403, await ready())).toBe('give-up');
    expect(upstream.count(INIT)).toBe(2);
    await clock.elapse(5_000);
    expect(await sessions.recover(jane, workspace, 403, await ready())).toBe('repeat');
    expect(events.seen).toContainEqual(['recoveryGivenUp', jane, workspace, 403]);
  });

  it('from a 401 replaces the bearer, once for all and for those who come late', async () => {
    const used = await ready();
    const advice = await Promise.all([1, 2, 3].map(() => sessions.recover(jane, workspace, 401, used)));
    expect(advice).toEqual(['repeat', 'repeat', 'repeat']);
    expect(await sessions.recover(jane, workspace, 401, used)).toBe('repeat');
    expect([bearers.redemptions, upstream.count(INIT)]).toEqual([1, 1]);
  });

  it('from a 401 of the fresh bearer makes the session anew', async () => {
    await sessions.recover(jane, workspace, 401, await ready());
    expect(await sessions.recover(jane, workspace, 401, await ready())).toBe('repeat');
    expect([bearers.redemptions, upstream.count(INIT)]).toEqual([1, 2]);
  });

  it.each([401, 403] as const)(
    'from a %i without a session-init call tries another bearer, and gives up',
    async (status) => {
      expect(await sessions.recover(jane, statistics, status, await ready(jane, statistics))).toBe('repeat');
      expect(await sessions.recover(jane, statistics, status, await ready(jane, statistics))).toBe('give-up');
      expect(bearers.redemptions).toBe(1);
    },
  );

  it('does not hold one session’s bearer against another’s', async () => {
    const used = await ready(jane, statistics);
    await sessions.recover(jane, statistics, 401, { ...used, session: asSessionId('one') });
    const other = { ...(await ready(jane, statistics)), session: asSessionId('two') };
    expect(await sessions.recover(jane, statistics, 401, other)).toBe('repeat');
  });

  it('repeats without a new session when the upstream still knows the old one', async () => {
    const used = await ready();
    upstream.on(PROBE, { status: 200, body: '{}' });
    const both = await Promise.all([
      sessions.recover(jane, workspace, 403, used),
      sessions.recover(jane, workspace, 403, used),
    ]);
    expect(both).toEqual(['repeat', 'repeat']);
    expect([upstream.count(PROBE), upstream.count(INIT)]).toEqual([1, 1]);
    expect(sessions.generation(jane, workspace)).toBe(1);
  });

  it('makes a new session when nobody can say whether the old one lives', async () => {
    const used = await ready();
    upstream.on(PROBE, upstreamTimeout());
    expect(await sessions.recover(jane, workspace, 403, used)).toBe('repeat');
    expect(upstream.count(INIT)).toBe(2);
  });

  it('gives up when the user is signed out', async () => {
    const used = await ready();
    bearers.outcome = { kind: 'signed-out' };
    expect(await sessions.recover(jane, workspace, 401, used)).toBe('give-up');
    expect(await sessions.recover(jane, workspace, 403, used)).toBe('give-up');
  });
});

describe('a call of the user’s', () => {
  it('is recovered and repeated once, and comes with its cookies and generation', async () => {
    upstream.on(
      VOICE,
      { status: 403, setCookies: ['A=1'] },
      { status: 200, body: 'done', setCookies: ['B=2'] },
    );
    expect(await sessions.request(jane, workspace, get)).toEqual({
      kind: 'answered',
      status: 200,
      contentType: '',
      body: 'done',
      setCookies: ['B=2'],
      generation: 2,
    });
    expect(upstream.sent.at(-1)?.headers.cookie).toBe('A=1; WORKSPACE_SESSIONID=ws-2');
  });

  it('is repeated once only', async () => {
    upstream.on(VOICE, { status: 403 });
    expect(await sessions.request(jane, workspace, get)).toMatchObject({ status: 403 });
    expect(upstream.count(VOICE)).toBe(2);
  });

  it('may bring cookies of its own, and go without a bearer', async () => {
    upstream.on(VOICE, { status: 200, setCookies: ['BAYEUX_BROWSER=b2'] });
    const call = { ...get, cookies: ['BAYEUX_BROWSER=b1'], bearer: false, body: '[]', method: 'POST' };
    expect(await sessions.request(jane, workspace, call)).toMatchObject({
      setCookies: ['BAYEUX_BROWSER=b2'],
    });
    expect(upstream.sent.at(-1)).toMatchObject({ body: '[]' });
    expect(upstream.sent.at(-1)?.headers).toEqual({
      accept: 'application/json',
      'content-type': 'application/json;charset=UTF-8',
      'x-api-key': 'key',
      cookie: 'WORKSPACE_SESSIONID=ws-1; BAYEUX_BROWSER=b1',
    });
    expect((await ready()).headers.cookie).toBe('WORKSPACE_SESSIONID=ws-1');
  });
});

describe('readiness', () => {
  it.each([
    ['{"data":{"pending-login-async":{"state":"Complete"}}}', 'complete'],
    ['{"data":{"pending-login-async":{"state":"Failed"}}}', 'failed'],
    ['{"data":{"pending-login-async":{"state":"Executing"}}}', 'pending'],
    ['<html>', 'unknown'],
  ])('of %s is %s', async (body, expected) => {
    upstream.on(PROBE, { status: 200, body });
    expect(await sessions.probe(jane, workspace)).toBe(expected);
  });

  it('is unknown when the upstream cannot be asked, or the API has no probe', async () => {
    upstream.on(PROBE, upstreamTimeout());
    expect(await sessions.probe(jane, workspace)).toBe('unknown');
    expect(await sessions.probe(jane, statistics)).toBe('unknown');
  });
});

describe('logging out', () => {
  const LOGOUT = '/workspace/v3/logout';

  it('ends the session at the upstream, if there was one', async () => {
    await sessions.logout(jane, workspace);
    expect(upstream.sent).toHaveLength(0);
    await ready();
    await sessions.logout(jane, workspace);
    expect(upstream.sent.at(-1)).toMatchObject({ method: 'POST', path: LOGOUT, timeoutMs: 5_000 });
  });

  it('never fails', async () => {
    await ready();
    upstream.on(LOGOUT, upstreamTimeout());
    await sessions.logout(jane, workspace);
    expect(events.seen.at(-1)).toEqual(['logoutFailed', jane, workspace]);
  });

  it('is followed by forgetting: the next request begins anew', async () => {
    await ready();
    await sessions.forget(jane);
    expect(sessions.generation(jane, workspace)).toBe(0);
    expect((await ready()).headers.cookie).toBe('WORKSPACE_SESSIONID=ws-2');
    expect(upstream.sent.at(-1)?.headers.cookie).toBeUndefined();
  });
});

it('tells its events no token, cookie or API key', async () => {
  upstream.on(VOICE, { status: 401 }, { status: 403 });
  await sessions.request(jane, workspace, get);
  await sessions.request(jane, workspace, get);
  expect(JSON.stringify(events.seen)).not.toMatch(/token-|ws-|key/);
});
