import { asUserId } from '@gw/kernel';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Session } from '../session.js';
import { type SessionStore } from '../session-store.js';
import { aSession } from './a-session.js';

export interface SessionStoreHarness {
  readonly store: SessionStore;
  /** Milliseconds since the epoch, by the store's own clock. */
  readonly now: () => number;
  /** Lets `ms` milliseconds pass: a fake clock for memory, real waiting elsewhere. */
  readonly elapse: (ms: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

const LONG_MS = 60_000;
const SHORT_MS = 200;

/** What every SessionStore promises; `open` gives an empty one. */
export function sessionStoreContract(name: string, open: () => Promise<SessionStoreHarness>): void {
  describe(`SessionStore (${name})`, () => {
    let harness: SessionStoreHarness;
    let store: SessionStore;
    let session: Session;

    beforeEach(async () => {
      harness = await open();
      store = harness.store;
      session = aSession(harness.now());
    });
    afterEach(() => harness.close());

    const next = (of: Session): Session => ({ ...of, version: of.version + 1, device: 'changed' });
    const revealed = (of: Session | undefined) => of?.tokens.accessToken.reveal();

    it('gives back what was put in, tokens and all', async () => {
      expect(await store.create(session, LONG_MS)).toBe('created');
      const loaded = await store.load(session.id);
      expect(loaded).toEqual(session);
      expect(revealed(loaded)).toBe('access-1');
    });

    it('knows nothing of an id that was never there', async () => {
      expect(await store.load(session.id)).toBeUndefined();
      expect(await store.remove(session.id)).toBeUndefined();
      expect(await store.replace(next(session), 1, LONG_MS)).toBe('gone');
      expect(await store.ofUser(session.user.id)).toEqual([]);
    });

    it('forgets a session when its time is over', async () => {
      await store.create(session, SHORT_MS);
      await harness.elapse(SHORT_MS + 50);
      expect(await store.load(session.id)).toBeUndefined();
      expect(await store.ofUser(session.user.id)).toEqual([]);
      expect(await store.replace(next(session), 1, LONG_MS)).toBe('gone');
    });

    it('counts the time anew from a replacement', async () => {
      await store.create(session, SHORT_MS);
      await store.replace(next(session), 1, LONG_MS);
      await harness.elapse(SHORT_MS + 50);
      expect(await store.load(session.id)).toEqual(next(session));
    });

    it('replaces only the version that the writer has seen', async () => {
      await store.create(session, LONG_MS);
      expect(await store.replace(next(session), 1, LONG_MS)).toBe('replaced');
      expect(await store.replace({ ...next(session), device: 'late' }, 1, LONG_MS)).toBe('conflict');
      expect((await store.load(session.id))?.device).toBe('changed');
    });

    it('lets one of many concurrent writers win', async () => {
      await store.create(session, LONG_MS);
      const outcomes = await Promise.all(
        Array.from({ length: 8 }, () => store.replace(next(session), 1, LONG_MS)),
      );
      expect(outcomes.filter((outcome) => outcome === 'replaced')).toHaveLength(1);
      expect(outcomes.filter((outcome) => outcome === 'conflict')).toHaveLength(7);
    });

    it('hands a removed session to exactly one of those who remove it', async () => {
      await store.create(session, LONG_MS);
      const removed = await Promise.all(Array.from({ length: 4 }, () => store.remove(session.id)));
      expect(removed.filter((one) => one !== undefined)).toEqual([session]);
      expect(await store.load(session.id)).toBeUndefined();
    });

    it('lets no late write revive a removed session', async () => {
      await store.create(session, LONG_MS);
      await store.remove(session.id);
      expect(await store.replace(next(session), 1, LONG_MS)).toBe('gone');
      expect(await store.create(session, LONG_MS)).toBe('gone');
      expect(await store.load(session.id)).toBeUndefined();
    });

    it("lists a user's sessions, and no other user's", async () => {
      const phone = aSession(harness.now(), { device: 'Safari on iOS' });
      const bob = asUserId('bob');
      const other = aSession(harness.now(), { user: { id: bob, userName: 'bob', displayName: 'Bob' } });
      for (const one of [session, phone, other]) await store.create(one, LONG_MS);
      const ids = (await store.ofUser(session.user.id)).map(({ id }) => id);
      expect(ids.toSorted()).toEqual([session.id, phone.id].toSorted());
      await store.remove(phone.id);
      expect((await store.ofUser(session.user.id)).map(({ id }) => id)).toEqual([session.id]);
      expect((await store.ofUser(bob)).map(({ id }) => id)).toEqual([other.id]);
    });

    it('finds the sessions whose idle or absolute end has come, up to a limit', async () => {
      const now = harness.now();
      const idle = aSession(now, { idleTtlMs: 100 });
      const expired = aSession(now, { expiresAt: now + 100 });
      for (const one of [session, idle, expired]) await store.create(one, LONG_MS);
      expect(await store.overdue(now + 99, 10)).toEqual([]);
      const ids = (await store.overdue(now + 100, 10)).map(({ id }) => id);
      expect(ids.toSorted()).toEqual([idle.id, expired.id].toSorted());
      expect(await store.overdue(now + 100, 1)).toHaveLength(1);
    });
  });
}
