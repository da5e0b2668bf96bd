import { asUserId, type SessionId } from '@gw/kernel';
import { FakeClock } from '@gw/kernel/testing';
import { type SessionEndReason, Sessions } from '@gw/sessions';
import { MemorySessionStore } from '@gw/sessions/memory';
import { TokensEvents } from '@gw/tokens';
import { FakeAuthorizationServer } from '@gw/tokens/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { SessionCleanup } from './session-cleanup.js';

class Failures extends TokensEvents {
  count = 0;
  override signOutFailed(): void {
    this.count += 1;
  }
}

describe('the clean-up after a session', () => {
  let clock: FakeClock;
  let server: FakeAuthorizationServer;
  let sessions: Sessions;
  let cleanup: SessionCleanup;
  let failures: Failures;

  beforeEach(() => {
    clock = new FakeClock();
    server = new FakeAuthorizationServer(clock);
    sessions = new Sessions(new MemorySessionStore(clock), clock, { idleTtlMs: 36e5, maxTtlMs: 36e5 });
    failures = new Failures();
    cleanup = new SessionCleanup(sessions, server, clock, failures);
    cleanup.start();
  });

  async function end(reason: SessionEndReason): Promise<SessionId> {
    const user = { id: asUserId('anna'), userName: 'anna', displayName: 'Anna' };
    const { session } = await sessions.create({ user, tokens: server.issue().tokens, device: 'Firefox' });
    await sessions.end(session.id, reason);
    return session.id;
  }

  it('runs its steps in order while the token still works, and signs it out last', async () => {
    const order: string[] = [];
    cleanup.beforeSignOut(async () => {
      await Promise.resolve();
      order.push(`first, signed out: ${server.signedOut.length}`);
    });
    cleanup.beforeSignOut(async (session, reason) => {
      order.push(`${session.user.id} ${reason}, signed out: ${server.signedOut.length}`);
    });
    await end('logout');
    await clock.elapse(0);
    expect(order).toEqual(['first, signed out: 0', 'anna logout, signed out: 0']);
    expect(server.signedOut).toEqual(['access-1']);
    expect(clock.pending).toBe(0);
  });

  it('can be waited for, but not for longer than the caller wants', async () => {
    const waited: string[] = [];
    const quick = await end('logout');
    await cleanup.finished(quick, 1_000).then(() => waited.push('done'));
    expect(server.signedOut).toEqual(['access-1']);
    cleanup.beforeSignOut(() => new Promise(() => undefined));
    const slow = await end('logout');
    void cleanup.finished(slow, 1_000).then(() => waited.push('given up'));
    await clock.elapse(999);
    expect(waited).toEqual(['done']);
    await clock.elapse(1);
    expect(waited).toEqual(['done', 'given up']);
  });

  it('signs out although a step throws and another never ends', async () => {
    cleanup.beforeSignOut(() => Promise.reject(new Error('broken')));
    cleanup.beforeSignOut(() => new Promise(() => undefined));
    await end('revoked');
    await clock.elapse(5_000);
    expect(server.signedOut).toEqual(['access-1']);
    expect(failures.count).toBe(2);
  });

  it.each(['idle', 'expired', 'upstream'] as const)(
    'runs the steps but signs nobody out when it ends by %s',
    async (reason) => {
      const reasons: string[] = [];
      cleanup.beforeSignOut(async (_session, why) => void reasons.push(why));
      await end(reason);
      await clock.elapse(0);
      expect(reasons).toEqual([reason]);
      expect(server.signedOut).toEqual([]);
    },
  );

  it('is waited for when the gateway stops', async () => {
    let done = false;
    cleanup.beforeSignOut(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      done = true;
    });
    await end('logout');
    await cleanup.close();
    expect(done).toBe(true);
    await end('logout');
    expect(server.signedOut).toHaveLength(1);
  });
});
