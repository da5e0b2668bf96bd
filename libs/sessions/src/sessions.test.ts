import { asSessionId, asUserId, Secret } from '@gw/kernel';
import { FakeClock } from '@gw/kernel/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { MemorySessionStore } from './memory/index.js';
import { type Session, type TokenSet } from './session.js';
import { type SessionNotice } from './session-watches.js';
import { Sessions } from './sessions.js';
import { SessionsEvents } from './sessions-events.js';

const MINUTE = 60_000;
const limits = { idleTtlMs: 20 * MINUTE, maxTtlMs: 60 * MINUTE };
const anna = { id: asUserId('anna'), userName: 'anna', displayName: 'Anna Schmidt' };

class CountingStore extends MemorySessionStore {
  loads = 0;
  writes = 0;
  failing = false;
  override load(id: Session['id']) {
    this.loads += 1;
    return this.failing ? Promise.reject(new Error('storage is down')) : super.load(id);
  }
  override replace(...args: Parameters<MemorySessionStore['replace']>) {
    this.writes += 1;
    return this.failing ? Promise.reject(new Error('storage is down')) : super.replace(...args);
  }
}

class Failures extends SessionsEvents {
  readonly seen: string[] = [];
  override backgroundFailed(activity: string): void {
    this.seen.push(activity);
  }
}

let clock: FakeClock;
let store: CountingStore;
let failures: Failures;
let sessions: Sessions;

const tokens = (name: string): TokenSet => ({
  accessToken: new Secret(name),
  obtainedAt: clock.now(),
  expiresAt: clock.now() + MINUTE,
});
const login = () => sessions.create({ user: anna, tokens: tokens('first'), device: 'Firefox on Linux' });
const use = (secret: string) => sessions.authenticate(secret, { touch: true });

beforeEach(() => {
  clock = new FakeClock();
  store = new CountingStore(clock);
  failures = new Failures();
  sessions = new Sessions(store, clock, limits, failures);
});

describe('a session', () => {
  it('is recognised by its secret, of which only a hash is stored', async () => {
    const { secret, session } = await login();
    expect(secret).toMatch(/^[\w-]{43}$/u);
    expect(session.id).not.toBe(secret);
    expect(await use(secret)).toEqual(session);
  });

  it('has another secret and id at each login', async () => {
    const [first, second] = [await login(), await login()];
    expect(first.secret).not.toBe(second.secret);
    expect(first.session.id).not.toBe(second.session.id);
  });

  it('costs one load to recognise, and none when the cookie cannot be one', async () => {
    const { secret } = await login();
    await use(secret);
    await use('short');
    await use('x'.repeat(10_000));
    expect(store.loads).toBe(1);
  });

  it('is not recognised by its id, nor by a wrong secret', async () => {
    const { session } = await login();
    expect(await use(session.id)).toBeUndefined();
    expect(await use('A'.repeat(43))).toBeUndefined();
  });

  it('throws when the storage fails instead of seeming logged out', async () => {
    const { secret } = await login();
    store.failing = true;
    await expect(use(secret)).rejects.toThrow('storage is down');
  });

  it('ends when it is idle for too long', async () => {
    const { secret } = await login();
    await clock.elapse(limits.idleTtlMs);
    expect(await use(secret)).toBeUndefined();
  });

  it('lives on while it is used, but not past its absolute end', async () => {
    const { secret } = await login();
    for (let minute = 0; minute < 59; minute += 1) {
      await clock.elapse(MINUTE);
      expect(await use(secret)).toBeDefined();
    }
    await clock.elapse(MINUTE);
    expect(await use(secret)).toBeUndefined();
  });

  it('is not prolonged by looking without touching', async () => {
    const { secret } = await login();
    await clock.elapse(limits.idleTtlMs - 1);
    expect(await sessions.authenticate(secret, { touch: false })).toBeDefined();
    await clock.elapse(1);
    expect(await sessions.authenticate(secret, { touch: false })).toBeUndefined();
  });

  it('writes a touch once in a twentieth of the idle time, however many requests come', async () => {
    const { secret } = await login();
    await clock.elapse(limits.idleTtlMs / 20);
    await Promise.all(Array.from({ length: 50 }, async () => use(secret)));
    await use(secret);
    expect(store.writes).toBe(1);
  });

  it('serves the request although its touch could not be written', async () => {
    const { secret } = await login();
    await clock.elapse(2 * MINUTE);
    const broken = store.replace.bind(store);
    store.replace = () => Promise.reject(new Error('storage is down'));
    expect(await use(secret)).toBeDefined();
    await clock.elapse(0);
    expect(failures.seen).toEqual(['touch']);
    store.replace = broken;
  });
});

describe('the end of a session', () => {
  it('is announced once, with its first reason, and nothing revives it', async () => {
    const ended: unknown[] = [];
    sessions.onEnded((session, reason) => ended.push([session.id, reason]));
    const { secret, session } = await login();
    await Promise.all([sessions.end(session.id, 'logout'), sessions.end(session.id, 'revoked')]);
    expect(ended).toEqual([[session.id, 'logout']]);
    expect(await sessions.replaceTokens(session, tokens('late'))).toEqual({ kind: 'gone' });
    expect(await use(secret)).toBeUndefined();
  });

  it('comes by the sweep when nobody uses or watches it', async () => {
    const ended: unknown[] = [];
    sessions.onEnded((_session, reason) => ended.push(reason));
    await login();
    sessions.start();
    await clock.elapse(limits.idleTtlMs + MINUTE);
    expect(ended).toEqual(['idle']);
    await sessions.close();
    expect(clock.pending).toBe(0);
  });

  it('reaches every listener although one throws', async () => {
    const ended: unknown[] = [];
    sessions.onEnded(() => {
      throw new Error('broken listener');
    });
    sessions.onEnded((_session, reason) => ended.push(reason));
    const { session } = await login();
    await sessions.end(session.id, 'revoked');
    expect(ended).toEqual(['revoked']);
    expect(failures.seen).toEqual(['listener']);
  });
});

describe("a user's sessions", () => {
  it('are those that live', async () => {
    await login();
    await clock.elapse(limits.idleTtlMs);
    const { session } = await login();
    expect(await sessions.ofUser(anna.id)).toEqual([session]);
  });
});

describe('new tokens', () => {
  it('are kept although a touch came between', async () => {
    const { secret, session } = await login();
    await clock.elapse(2 * MINUTE);
    await use(secret);
    const outcome = await sessions.replaceTokens(session, tokens('second'));
    expect(outcome.kind).toBe('replaced');
    const stored = await sessions.load(session.id);
    expect(stored?.tokens.accessToken.reveal()).toBe('second');
    expect(stored?.lastSeenAt).toBe(clock.now());
  });

  it('lose against tokens that somebody else wrote first', async () => {
    const { session } = await login();
    await sessions.replaceTokens(session, tokens('winner'));
    const outcome = await sessions.replaceTokens(session, tokens('loser'));
    expect(outcome.kind === 'superseded' && outcome.session.tokens.accessToken.reveal()).toBe('winner');
  });
});

describe('who watches a session', () => {
  const notices: SessionNotice[] = [];
  const watch = (id: Session['id']) => sessions.watch(id, (notice) => notices.push(notice));
  const states = () =>
    notices.map((notice) => ('reason' in notice ? `${notice.state}: ${notice.reason}` : notice.state));

  beforeEach(() => {
    notices.length = 0;
  });

  it('is warned a minute before the idle end, and told of the end', async () => {
    const { session } = await login();
    watch(session.id);
    await clock.elapse(19 * MINUTE - 1);
    expect(notices).toEqual([]);
    await clock.elapse(1);
    const at = session.createdAt + limits.idleTtlMs;
    expect(notices).toEqual([{ state: 'expiring', reason: 'idle', at }]);
    await clock.elapse(MINUTE);
    expect(notices.slice(1)).toEqual([{ state: 'ended', reason: 'idle', at }]);
    expect(clock.pending).toBe(0);
  });

  it('is warned a tenth of a short life before its end', async () => {
    sessions = new Sessions(store, clock, { idleTtlMs: 10_000, maxTtlMs: 50_000 });
    const { session } = await login();
    watch(session.id);
    await clock.elapse(8_999);
    expect(notices).toEqual([]);
    await clock.elapse(1);
    expect(states()).toEqual(['expiring: idle']);
  });

  it('is not warned while the session is used, and anew after a use', async () => {
    const { secret, session } = await login();
    watch(session.id);
    await clock.elapse(19 * MINUTE);
    await use(secret);
    await clock.elapse(18 * MINUTE);
    expect(states()).toEqual(['expiring: idle']);
    await clock.elapse(MINUTE);
    expect(states()).toEqual(['expiring: idle', 'expiring: idle']);
  });

  it('is warned of the absolute end however much the session is used', async () => {
    const { secret, session } = await login();
    watch(session.id);
    for (let minute = 0; minute < 60; minute += 1) {
      await clock.elapse(MINUTE);
      await use(secret);
    }
    expect(states()).toEqual(['expiring: expired', 'ended: expired']);
  });

  it('is told at once of a logout, each of them', async () => {
    const { session } = await login();
    watch(session.id);
    watch(session.id);
    await sessions.end(session.id, 'logout');
    expect(states()).toEqual(['ended: logout', 'ended: logout']);
  });

  it('is told when the session had already ended', async () => {
    watch(asSessionId('gone'));
    await clock.elapse(0);
    expect(states()).toEqual(['ended: revoked']);
  });

  it('hears nothing more after stopping, and leaves no timer behind', async () => {
    const { session } = await login();
    const stop = watch(session.id);
    await clock.elapse(0);
    stop();
    expect(clock.pending).toBe(0);
    await sessions.end(session.id, 'logout');
    expect(notices).toEqual([]);
  });

  it('is not told that the session ended when the storage fails; it is looked up again', async () => {
    const { session } = await login();
    store.failing = true;
    watch(session.id);
    await clock.elapse(0);
    expect(notices).toEqual([]);
    expect(failures.seen).toEqual(['watch']);
    store.failing = false;
    await clock.elapse(20 * MINUTE);
    expect(states()).toEqual(['expiring: idle', 'ended: idle']);
  });
});
