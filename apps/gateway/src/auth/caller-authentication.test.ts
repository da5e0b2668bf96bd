import { asUserId, Secret } from '@gw/kernel';
import { FakeClock } from '@gw/kernel/testing';
import { AccessHandles, NativeAccess } from '@gw/native';
import { newSessionId, type Session, Sessions } from '@gw/sessions';
import { MemorySessionStore } from '@gw/sessions/memory';
import { beforeEach, describe, expect, it } from 'vitest';
import { CallerAuthentication } from './caller-authentication.js';
import { SessionCookie } from './session-cookie.js';

const touch = { touch: false };
const dead = 'd'.repeat(43);
const handle = 'h'.repeat(43);

describe('the caller of a request', () => {
  let callers: CallerAuthentication;
  let browser: { secret: string; session: Session };
  let app: Session | undefined;

  beforeEach(async () => {
    const clock = new FakeClock();
    const sessions = new Sessions(new MemorySessionStore(clock), clock, { idleTtlMs: 36e5, maxTtlMs: 36e5 });
    const login = (name: string) => ({
      user: { id: asUserId(name), userName: name, displayName: name },
      tokens: { accessToken: new Secret('engage'), obtainedAt: 0, expiresAt: undefined },
      device: 'somewhere',
    });
    browser = await sessions.create(login('anna'));
    app = await sessions.createAs(newSessionId(), { ...login('bela'), client: 'app' });
    const native = new (class extends NativeAccess {
      override authenticate(of: string) {
        return Promise.resolve(of === handle ? app : undefined);
      }
    })(new NoHandles(), sessions, clock);
    callers = new CallerAuthentication(sessions, new SessionCookie('http://localhost:3000'), native);
  });

  class NoHandles extends AccessHandles {
    override put = () => Promise.resolve();
    override find = () => Promise.resolve(undefined);
  }

  const cookie = () => `session=${browser.secret}`;

  it('is who the cookie says, or who the bearer says', async () => {
    expect((await callers.find({ cookie: cookie() }, touch))?.user.id).toBe('anna');
    expect((await callers.find({ authorization: `Bearer ${handle}` }, touch))?.user.id).toBe('bela');
    expect(await callers.find({}, touch)).toBeUndefined();
  });

  it('is who the bearer says, whatever cookie comes along', async () => {
    const both = { cookie: cookie(), authorization: `Bearer ${handle}` };
    expect((await callers.require(both, touch)).user.id).toBe('bela');
  });

  it.each([`Bearer ${dead}`, 'Bearer', 'Bearer ', `bearer ${handle} x`])(
    'is nobody with a bearer that is worth nothing (%s), even with a cookie',
    async (authorization) => {
      const both = { cookie: cookie(), authorization };
      expect(await callers.find(both, touch)).toBeUndefined();
      await expect(callers.require(both, touch)).rejects.toMatchObject({ code: 'unauthenticated' });
    },
  );

  it('is who the cookie says where another scheme is used before the gateway', async () => {
    const both = { cookie: cookie(), authorization: 'Basic YTpi' };
    expect((await callers.find(both, touch))?.user.id).toBe('anna');
  });
});
