import { type Clock, GatewayError, type UserId } from '@gw/kernel';
import { FakeClock } from '@gw/kernel/testing';
import { Locks } from '@gw/ownership';
import { MemoryCluster, MemoryLocks } from '@gw/ownership/memory';
import { type Session, Sessions, type TokenSet } from '@gw/sessions';
import { MemorySessionStore } from '@gw/sessions/memory';
import { beforeEach, describe, expect, it } from 'vitest';
import { type TokenGrant } from './authorization-server.js';
import { MemoryRefreshPauses } from './memory/index.js';
import { FakeAuthorizationServer } from './testing/index.js';
import { Tokens } from './tokens.js';
import { TokensEvents } from './tokens-events.js';

const LIFE_MS = 300_000;
const WAIT_MS = 35_000;
const limits = { idleTtlMs: 36e5, maxTtlMs: 36e5 };
const away = new GatewayError('state_unavailable', 'unavailable', 'away');
const token = (name: string) => ({ kind: 'token', token: name });

/** A store and locks that can be out of reach. */
class FragileStore extends MemorySessionStore {
  isAway = false;
  losesWrites = false;
  override async load(...args: Parameters<MemorySessionStore['load']>): Promise<Session | undefined> {
    if (this.isAway) throw away;
    return super.load(...args);
  }
  override async replace(...args: Parameters<MemorySessionStore['replace']>) {
    if (this.losesWrites) throw away;
    return super.replace(...args);
  }
}
class FragileLocks extends Locks {
  isAway = false;
  constructor(private readonly locks: Locks) {
    super();
  }
  override async run<T>(name: string, waitMs: number, task: () => Promise<T>) {
    if (this.isAway) throw away;
    return this.locks.run(name, waitMs, task);
  }
}
class Seen extends TokensEvents {
  readonly events: string[] = [];
  override tokensUnsaved(): void {
    this.events.push('unsaved');
  }
  override refreshed(): void {
    this.events.push('refreshed');
  }
  override sessionLost(_user: UserId, reason: string): void {
    this.events.push(`lost: ${reason}`);
  }
}

let clock: FakeClock;
let server: FakeAuthorizationServer;
let store: FragileStore;
let locks: FragileLocks;
let seen: Seen;
let instances: { readonly sessions: Sessions; readonly tokens: Tokens }[];
let session: Session;

beforeEach(async () => {
  clock = new FakeClock();
  server = new FakeAuthorizationServer(clock);
  store = new FragileStore(clock);
  locks = new FragileLocks(new MemoryLocks(new MemoryCluster(clock)));
  seen = new Seen();
  const pauses = new MemoryRefreshPauses(clock);
  instances = [1, 2, 3].map(() => {
    const sessions = new Sessions(store, clock, limits);
    return {
      sessions,
      tokens: new Tokens(sessions, server, clock, seen, { locks, pauses, waitMs: WAIT_MS }),
    };
  });
  session = (await one().sessions.create({ user: server.user, tokens: server.issue().tokens, device: 'd' }))
    .session;
});

const one = () => instances[0]!;
const other = () => instances[1]!;
/** What each of `count` requests, spread over the instances, gets. */
const requests = (count: number) =>
  Promise.all(
    Array.from({ length: count }, async (_, index) => instances[index % 3]!.tokens.access(session.id)),
  );
const distinct = (values: readonly unknown[]) => [...new Set(values.map((value) => JSON.stringify(value)))];

/** A token endpoint that takes this long. */
const slow = (clockOf: Clock, ms: number, answer: () => TokenGrant) => () =>
  new Promise<TokenGrant>((resolve) => clockOf.schedule(() => resolve(answer()), ms));

describe('three instances at the moment of expiry', () => {
  beforeEach(() => clock.elapse(LIFE_MS));

  it('redeem the refresh token once, however many requests need it', async () => {
    expect(distinct(await requests(300))).toEqual([JSON.stringify(token('access-2'))]);
    expect(server.redeemed).toEqual(['refresh-1']);
  });

  it('redeem each successor once too', async () => {
    for (let life = 1; life <= 4; life += 1) {
      expect(distinct(await requests(60))).toEqual([JSON.stringify(token(`access-${life + 1}`))]);
      await clock.elapse(LIFE_MS);
    }
    expect(server.redeemed).toEqual(['refresh-1', 'refresh-2', 'refresh-3', 'refresh-4']);
  });

  it('wait for the one that is at it as long as the token endpoint takes', async () => {
    server.answers.push(slow(clock, 30_000, () => server.issue()));
    const waiting = requests(60);
    await clock.elapse(30_000);
    expect(distinct(await waiting)).toEqual([JSON.stringify(token('access-2'))]);
    expect(server.redeemed).toHaveLength(1);
  });

  it('say when to come back when one of them is at it for too long', async () => {
    server.answers.push(slow(clock, 2 * WAIT_MS, () => server.issue()));
    const first = one().tokens.access(session.id);
    await clock.elapse(0);
    const second = other().tokens.access(session.id);
    await clock.elapse(WAIT_MS);
    expect(await second).toEqual({ kind: 'unavailable', retryAfterMs: 1_000 });
    await clock.elapse(WAIT_MS);
    expect(await first).toEqual(token('access-2'));
    expect(server.redeemed).toHaveLength(1);
  });

  it('follow one back-off while the token endpoint answers 503', async () => {
    server.answers.push(
      ...Array.from({ length: 50 }, (): TokenGrant => ({
        kind: 'unavailable',
        retryAfterMs: 0,
        reason: 'status',
      })),
    );
    for (let tenth = 0; tenth < 200; tenth += 1) {
      for (const { kind } of await requests(6)) expect(kind).toBe('unavailable');
      await clock.elapse(100);
    }
    // At 0, 1, 3, 7 and 15 seconds, each up to a third later.
    expect(server.redeemed.length).toBeGreaterThanOrEqual(4);
    expect(server.redeemed.length).toBeLessThanOrEqual(5);
    server.answers.length = 0;
    await clock.elapse(30_000);
    expect(distinct(await requests(6))).toEqual([JSON.stringify(token('access-2'))]);
    expect(await store.load(session.id)).toBeDefined();
  });
});

describe('a race that was lost', () => {
  it('ends nothing: the result of whoever redeemed the token counts', async () => {
    await clock.elapse(LIFE_MS);
    server.answers.push(async () => {
      // As if our lock had been lost: another instance redeems and stores.
      await other().sessions.replaceTokens(session, server.issue().tokens);
      return { kind: 'invalid-grant' };
    });
    expect(await one().tokens.access(session.id)).toEqual(token('access-2'));
    expect(await other().tokens.access(session.id)).toEqual(token('access-2'));
    expect(seen.events).toEqual([]);
  });

  it('is a dead refresh token where nobody has another', async () => {
    await clock.elapse(LIFE_MS);
    server.answers.push({ kind: 'invalid-grant' });
    expect(distinct(await requests(30))).toEqual(['{"kind":"login-required"}']);
    expect(seen.events).toEqual(['lost: invalid-grant']);
    expect(server.redeemed).toHaveLength(1);
  });
});

describe('without the shared state', () => {
  it('a token that lives is used, and nothing is redeemed', async () => {
    await clock.elapse(LIFE_MS - 10_000);
    locks.isAway = true;
    for (let second = 0; second < 9; second += 1) {
      expect(await one().tokens.access(session.id)).toEqual(token('access-1'));
      await clock.elapse(1_000);
    }
    expect(server.redeemed).toEqual([]);
  });

  it('who has a dead token is asked to come back, not logged out', async () => {
    await clock.elapse(LIFE_MS);
    locks.isAway = true;
    const cached = (await one().sessions.load(session.id))!;
    expect(await one().tokens.accessOf(cached)).toEqual({ kind: 'unavailable', retryAfterMs: 1_000 });
    locks.isAway = false;
    store.isAway = true;
    expect(await other().tokens.accessOf(cached)).toEqual({ kind: 'unavailable', retryAfterMs: 1_000 });
    store.isAway = false;
    expect([server.redeemed, seen.events]).toEqual([[], []]);
    await clock.elapse(1_000);
    expect(distinct(await requests(9))).toEqual([JSON.stringify(token('access-2'))]);
  });

  it('nobody is logged out by a refresh token that was refused just then', async () => {
    await clock.elapse(LIFE_MS);
    server.answers.push(async () => {
      store.isAway = true;
      return { kind: 'invalid-grant' };
    });
    expect((await one().tokens.access(session.id)).kind).toBe('unavailable');
    expect(seen.events).toEqual([]);
  });
});

describe('tokens that cannot be stored', () => {
  beforeEach(async () => {
    await clock.elapse(LIFE_MS);
    store.losesWrites = true;
  });

  it('serve the instance that redeemed them, and are stored as soon as that works', async () => {
    expect(await one().tokens.access(session.id)).toEqual(token('access-2'));
    await clock.elapse(3_000);
    expect(await one().tokens.access(session.id)).toEqual(token('access-2'));
    expect(seen.events).toEqual(['unsaved']);
    store.losesWrites = false;
    await clock.elapse(1_000);
    expect(await other().tokens.access(session.id)).toEqual(token('access-2'));
    expect(server.redeemed).toEqual(['refresh-1']);
    expect(seen.events).toEqual(['unsaved', 'refreshed']);
    expect(clock.pending).toBeLessThanOrEqual(1);
    await clock.elapse(1_000);
    expect(clock.pending).toBe(0);
  });

  it('serve it also while nothing can be reached', async () => {
    const cached = (await one().sessions.load(session.id))!;
    expect(await one().tokens.access(session.id)).toEqual(token('access-2'));
    locks.isAway = true;
    expect(await one().tokens.accessOf(cached)).toEqual(token('access-2'));
    expect(await one().tokens.accessOf(cached)).toEqual(token('access-2'));
  });

  it.each([
    ['has ended', async () => one().sessions.end(session.id, 'logout'), ['access-2']],
    ['got other tokens', async () => replaceElsewhere(server.issue().tokens), ['access-2']],
  ])('are signed out when the session %s meanwhile', async (_what, meanwhile, signedOut) => {
    await one().tokens.access(session.id);
    store.losesWrites = false;
    await meanwhile();
    await clock.elapse(1_000);
    expect(server.signedOut).toEqual(signedOut);
    await clock.elapse(1_000);
    expect(clock.pending).toBe(0);
  });

  const replaceElsewhere = (tokens: TokenSet) => other().sessions.replaceTokens(session, tokens);
});
