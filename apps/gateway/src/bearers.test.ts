import { asUserId } from '@gw/kernel';
import { FakeClock } from '@gw/kernel/testing';
import { type Session, Sessions } from '@gw/sessions';
import { MemorySessionStore } from '@gw/sessions/memory';
import { Tokens } from '@gw/tokens';
import { FakeAuthorizationServer } from '@gw/tokens/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { SessionBearers } from './bearers.js';

const anna = asUserId('anna');
const signedOut = { kind: 'signed-out' };

describe('the bearer of a user', () => {
  let clock: FakeClock;
  let server: FakeAuthorizationServer;
  let sessions: Sessions;
  let bearers: SessionBearers;

  beforeEach(() => {
    clock = new FakeClock();
    server = new FakeAuthorizationServer(clock);
    sessions = new Sessions(new MemorySessionStore(clock), clock, { idleTtlMs: 36e5, maxTtlMs: 36e5 });
    bearers = new SessionBearers(new Tokens(sessions, server, clock));
  });

  async function signIn(): Promise<Session> {
    const user = { id: anna, userName: 'anna', displayName: 'Anna' };
    const { session } = await sessions.create({ user, tokens: server.issue().tokens, device: 'Firefox' });
    await clock.elapse(1);
    return session;
  }
  const tokenOf = (session: Session) => ({ kind: 'token', token: session.tokens.accessToken.reveal() });

  it('is that of the session that is asked for, and is not borrowed elsewhere when that has ended', async () => {
    const [desktop, phone] = [await signIn(), await signIn()];
    expect(await bearers.bearer(anna, desktop.id)).toEqual(tokenOf(desktop));
    await sessions.end(desktop.id, 'logout');
    expect(await bearers.bearer(anna, desktop.id)).toEqual(signedOut);
    expect(await bearers.bearer(anna)).toEqual(tokenOf(phone));
  });

  it('is borrowed from one live session, and from another when that one ends', async () => {
    const [desktop, phone] = [await signIn(), await signIn()];
    expect(await bearers.bearer(anna)).toEqual(tokenOf(phone));
    const tablet = await signIn();
    expect(await bearers.bearer(anna)).toEqual(tokenOf(phone));
    await sessions.end(phone.id, 'logout');
    expect(await bearers.bearer(anna)).toEqual(tokenOf(tablet));
    await sessions.end(tablet.id, 'logout');
    expect(await bearers.replace(anna, 'refused')).toEqual(tokenOf(desktop));
    await sessions.end(desktop.id, 'logout');
    expect(await bearers.bearer(anna)).toEqual(signedOut);
    expect(await bearers.replace(anna, 'refused')).toEqual(signedOut);
  });

  it('is lent by the session that has just ended, for its farewell only', async () => {
    const only = await signIn();
    await bearers.bearer(anna);
    await sessions.end(only.id, 'logout');
    const token = only.tokens.accessToken.reveal();
    const during: unknown[] = [];
    await bearers.lend(anna, token, async () => {
      during.push(await bearers.bearer(anna));
      await bearers.lend(anna, 'an older one', async () => {
        during.push(await bearers.bearer(anna));
      });
    });
    expect(during).toEqual([tokenOf(only), tokenOf(only)]);
    expect(await bearers.bearer(anna)).toEqual(signedOut);
  });
});
