import { asSessionId, type SessionId, type UserId } from '@gw/kernel';
import { FakeClock } from '@gw/kernel/testing';
import { type Session, Sessions, type TokenSet } from '@gw/sessions';
import { MemorySessionStore } from '@gw/sessions/memory';
import { beforeEach, describe, expect, it } from 'vitest';
import { type TokenGrant, type UnavailableReason } from './authorization-server.js';
import { FakeAuthorizationServer } from './testing/index.js';
import { Tokens } from './tokens.js';
import { TokensEvents } from './tokens-events.js';

const LIFE_MS = 300_000;
const unavailable: TokenGrant = { kind: 'unavailable', retryAfterMs: 0, reason: 'status' };

class Seen extends TokensEvents {
  readonly events: string[] = [];
  override refreshed(): void {
    this.events.push('refreshed');
  }
  override refreshFailed(_userId: UserId, reason: UnavailableReason): void {
    this.events.push(`failed: ${reason}`);
  }
  override sessionLost(_userId: UserId, reason: string): void {
    this.events.push(`lost: ${reason}`);
  }
}

let clock: FakeClock;
let server: FakeAuthorizationServer;
let sessions: Sessions;
let tokens: Tokens;
let seen: Seen;
let session: Session;
let ended: string[];

const login = async (first: TokenSet = server.issue().tokens) =>
  (await sessions.create({ user: server.user, tokens: first, device: 'Firefox on Linux' })).session;
const token = (name: string) => ({ kind: 'token', token: name });

beforeEach(async () => {
  clock = new FakeClock();
  server = new FakeAuthorizationServer(clock);
  sessions = new Sessions(new MemorySessionStore(clock), clock, { idleTtlMs: 36e5, maxTtlMs: 36e5 });
  seen = new Seen();
  tokens = new Tokens(sessions, server, clock, seen);
  ended = [];
  sessions.onEnded((_session, reason) => ended.push(reason));
  session = await login();
});

/** Holds the next answer of the token endpoint back until it is let go. */
function held(answer: () => TokenGrant = () => server.issue()): { release: () => void } {
  let release = () => {};
  const gate = new Promise<void>((resolve) => (release = resolve));
  server.answers.push(async () => {
    await gate;
    return answer();
  });
  return { release: () => release() };
}

describe('a token that is fresh', () => {
  it('is given at once, without asking anybody', async () => {
    expect(tokens.accessOf(session)).toEqual(token('access-1'));
    expect(await tokens.access(session.id)).toEqual(token('access-1'));
    expect(server.redeemed).toEqual([]);
  });

  it('is used for ever when the server does not say how long it lives', async () => {
    const endless = await login({ ...session.tokens, refreshToken: undefined, expiresAt: undefined });
    await clock.elapse(LIFE_MS * 10);
    expect(await tokens.access(endless.id)).toEqual(token('access-1'));
  });
});

describe('a token that nears its end', () => {
  it('is still given at once, and renewed behind the request', async () => {
    await clock.elapse(LIFE_MS - 40_000);
    const { release } = held();
    expect(await tokens.access(session.id)).toEqual(token('access-1'));
    expect(await tokens.access(session.id)).toEqual(token('access-1'));
    release();
    await clock.elapse(0);
    expect(await tokens.access(session.id)).toEqual(token('access-2'));
    expect(server.redeemed).toEqual(['refresh-1']);
    expect(seen.events).toEqual(['refreshed']);
  });

  it('is not renewed at the same moment in every session', async () => {
    const starts = new Set<number>();
    const others = await Promise.all(Array.from({ length: 50 }, () => login()));
    await clock.elapse(LIFE_MS - 75_000);
    for (let second = 0; second < 30; second += 1) {
      await clock.elapse(1_000);
      const before = server.redeemed.length;
      for (const { id } of others) await tokens.access(id);
      if (server.redeemed.length > before) starts.add(second);
    }
    await clock.elapse(0);
    expect(server.redeemed).toHaveLength(50);
    expect(starts.size).toBeGreaterThan(10);
  });

  it('stays in use while the token endpoint is down, with longer and longer pauses between tries', async () => {
    await clock.elapse(LIFE_MS - 40_000);
    server.answers.push(...Array.from({ length: 20 }, () => unavailable));
    for (let tenth = 0; tenth < 390; tenth += 1) {
      expect(await tokens.access(session.id)).toEqual(token('access-1'));
      await clock.elapse(100);
    }
    expect(server.redeemed.length).toBeGreaterThan(2);
    expect(server.redeemed.length).toBeLessThanOrEqual(6);
    expect(ended).toEqual([]);
  });

  it('is simply used up when there is nothing to renew it with', async () => {
    const plain = await login({ ...session.tokens, refreshToken: undefined });
    await clock.elapse(LIFE_MS - 1);
    expect(await tokens.access(plain.id)).toEqual(token('access-1'));
    await clock.elapse(1);
    expect(await tokens.access(plain.id)).toEqual({ kind: 'login-required' });
    expect(ended).toEqual(['upstream']);
    expect(seen.events).toEqual(['lost: not-refreshable']);
  });
});

describe('a token that is over', () => {
  beforeEach(() => clock.elapse(LIFE_MS));

  it('is renewed once for all who wait', async () => {
    const waiting = Promise.all(Array.from({ length: 100 }, async () => tokens.access(session.id)));
    expect(new Set((await waiting).map((access) => JSON.stringify(access)))).toEqual(
      new Set([JSON.stringify(token('access-2'))]),
    );
    expect(server.redeemed).toEqual(['refresh-1']);
  });

  it('tells who waits when to come back while the token endpoint is down, and does not ask it again', async () => {
    server.answers.push({ kind: 'unavailable', retryAfterMs: 7_000, reason: 'status' });
    expect(await tokens.access(session.id)).toEqual({ kind: 'unavailable', retryAfterMs: 7_000 });
    await clock.elapse(2_000);
    expect(await tokens.access(session.id)).toEqual({ kind: 'unavailable', retryAfterMs: 5_000 });
    expect(server.redeemed).toHaveLength(1);
    await clock.elapse(5_000);
    expect(await tokens.access(session.id)).toEqual(token('access-2'));
  });

  it('ends the session when its refresh token is dead', async () => {
    server.answers.push({ kind: 'invalid-grant' });
    expect(await tokens.access(session.id)).toEqual({ kind: 'login-required' });
    expect(ended).toEqual(['upstream']);
    expect(await tokens.access(session.id)).toEqual({ kind: 'login-required' });
    expect(server.redeemed).toHaveLength(1);
  });

  it('is not the end when somebody else has redeemed the refresh token: their result counts', async () => {
    server.answers.push(async () => {
      await sessions.replaceTokens(session, server.issue().tokens);
      return { kind: 'invalid-grant' };
    });
    expect(await tokens.access(session.id)).toEqual(token('access-2'));
    expect(ended).toEqual([]);
  });

  it('yields to tokens that somebody else wrote during the refresh', async () => {
    server.answers.push(async () => {
      await sessions.replaceTokens(session, server.issue().tokens);
      return server.issue();
    });
    expect(await tokens.access(session.id)).toEqual(token('access-2'));
  });

  it('gives nothing to a session that ended during the refresh, and signs the late token out', async () => {
    const { release } = held();
    const waiting = tokens.access(session.id);
    await clock.elapse(0);
    await sessions.end(session.id, 'logout');
    release();
    expect(await waiting).toEqual({ kind: 'login-required' });
    expect(server.signedOut).toEqual(['access-2']);
  });
});

describe('a token that an upstream refused', () => {
  it('is replaced by one refresh for all who were refused', async () => {
    const replaced = Promise.all([1, 2, 3].map(() => tokens.replace(session.id, 'access-1')));
    expect(await replaced).toEqual([token('access-2'), token('access-2'), token('access-2')]);
    expect(server.redeemed).toEqual(['refresh-1']);
  });

  it('is replaced by the one that the session has already', async () => {
    await tokens.replace(session.id, 'access-1');
    expect(await tokens.replace(session.id, 'access-1')).toEqual(token('access-2'));
    expect(server.redeemed).toHaveLength(1);
  });

  it('is not replaced again and again when the new one is refused as well', async () => {
    await tokens.replace(session.id, 'access-1');
    expect(await tokens.replace(session.id, 'access-2')).toEqual({
      kind: 'unavailable',
      retryAfterMs: 10_000,
    });
    await clock.elapse(10_000);
    expect(await tokens.replace(session.id, 'access-2')).toEqual(token('access-3'));
  });

  it('does not end a session whose token has time left but no successor', async () => {
    const plain = await login({ ...session.tokens, refreshToken: undefined });
    expect((await tokens.replace(plain.id, 'access-1')).kind).toBe('unavailable');
    expect(ended).toEqual([]);
  });

  it('needs a session', async () => {
    expect(await tokens.replace(asSessionId('gone'), 'access-1')).toEqual({ kind: 'login-required' });
  });
});

describe('work in the background', () => {
  const of = (preferred?: SessionId) => tokens.ofUser(server.user.id, preferred);

  it('borrows the preferred session while it lives, else the one used last', async () => {
    await clock.elapse(1);
    const phone = await login();
    expect(await of(session.id)).toBe(session.id);
    expect(await of()).toBe(phone.id);
    await sessions.end(session.id, 'logout');
    expect(await of(session.id)).toBe(phone.id);
    await sessions.end(phone.id, 'logout');
    expect(await of(session.id)).toBeUndefined();
  });
});
