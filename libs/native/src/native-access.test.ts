import { asUserId, Secret } from '@gw/kernel';
import { FakeClock } from '@gw/kernel/testing';
import { newSessionId, type Session, Sessions } from '@gw/sessions';
import { MemorySessionStore } from '@gw/sessions/memory';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handleHashOf, newHandle } from './handle.js';
import { MemoryAccessHandles } from './memory/index.js';
import { NativeAccess } from './native-access.js';

const IDLE_MS = 600_000;
const ACCESS_MS = 60_000;
const untouched = { touch: false };

describe('the access token of a native app', () => {
  let clock: FakeClock;
  let sessions: Sessions;
  let handles: MemoryAccessHandles;
  let access: NativeAccess;
  let session: Session;
  let handle: string;

  beforeEach(async () => {
    clock = new FakeClock();
    sessions = new Sessions(new MemorySessionStore(clock), clock, { idleTtlMs: IDLE_MS, maxTtlMs: 36e5 });
    handles = new MemoryAccessHandles(clock);
    access = new NativeAccess(handles, sessions, clock);
    const user = { id: asUserId('anna'), userName: 'anna', displayName: 'Anna' };
    const tokens = { accessToken: new Secret('engage-1'), obtainedAt: clock.now(), expiresAt: undefined };
    const created = await sessions.createAs(newSessionId(), {
      user,
      tokens,
      device: 'iOS',
      client: 'app',
    });
    session = created!;
    handle = newHandle();
    const expiresAt = clock.now() + ACCESS_MS;
    await handles.put(handleHashOf(handle), { session: session.id, expiresAt }, ACCESS_MS);
  });

  it('stands for the session that it was given for', async () => {
    expect(await access.authenticate(handle, untouched)).toMatchObject({ id: session.id, client: 'app' });
  });

  it('is looked up once while it lives', async () => {
    const find = vi.spyOn(handles, 'find');
    for (let times = 0; times < 3; times += 1) await access.authenticate(handle, untouched);
    expect(find).toHaveBeenCalledTimes(1);
  });

  it('is worth nothing when its time is over, also where it is remembered', async () => {
    await access.authenticate(handle, untouched);
    await clock.elapse(ACCESS_MS);
    expect(await access.authenticate(handle, untouched)).toBeUndefined();
  });

  it('is worth nothing when its session has ended, also where it is remembered', async () => {
    await access.authenticate(handle, untouched);
    await sessions.end(session.id, 'revoked');
    expect(await access.authenticate(handle, untouched)).toBeUndefined();
  });

  it('counts as use of the session when asked to', async () => {
    await clock.elapse(ACCESS_MS / 2);
    await access.authenticate(handle, { touch: true });
    await clock.elapse(0);
    expect((await sessions.load(session.id))?.lastSeenAt).toBe(clock.now());
  });

  it.each(['', 'x', 'x'.repeat(43), `${'x'.repeat(42)}!`, 'x'.repeat(5_000)])(
    'is not something else (%#)',
    async (other) => {
      expect(await access.authenticate(other, untouched)).toBeUndefined();
    },
  );
});

it('the id of a native session is no cookie', async () => {
  const clock = new FakeClock();
  const sessions = new Sessions(new MemorySessionStore(clock), clock, { idleTtlMs: 36e5, maxTtlMs: 36e5 });
  const user = { id: asUserId('anna'), userName: 'anna', displayName: 'Anna' };
  const tokens = { accessToken: new Secret('engage-1'), obtainedAt: 0, expiresAt: undefined };
  const id = newSessionId();
  await sessions.createAs(id, { user, tokens, device: 'iOS', client: 'app' });
  expect(await sessions.authenticate(id, untouched)).toBeUndefined();
  expect(await sessions.use(id, untouched)).toBeDefined();
});

it('a session that was ended before it began does not begin', async () => {
  const clock = new FakeClock();
  const sessions = new Sessions(new MemorySessionStore(clock), clock, { idleTtlMs: 36e5, maxTtlMs: 36e5 });
  const user = { id: asUserId('anna'), userName: 'anna', displayName: 'Anna' };
  const tokens = { accessToken: new Secret('engage-1'), obtainedAt: 0, expiresAt: undefined };
  const id = newSessionId();
  await sessions.end(id, 'revoked');
  expect(await sessions.createAs(id, { user, tokens, device: 'iOS' })).toBeUndefined();
});
