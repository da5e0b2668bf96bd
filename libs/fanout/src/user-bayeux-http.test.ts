import { type BayeuxRequest } from '@gw/bayeux';
import { asApiName, asUserId, Cancellation } from '@gw/kernel';
import { beforeEach, describe, expect, it } from 'vitest';
import { ChannelPolicy } from './channel-policy.js';
import { type SavedSession } from './saved-session.js';
import { OpenFanout, testProfile } from './testing/index.js';
import { UserBayeuxHttp } from './user-bayeux-http.js';

const ANNA = asUserId('anna');
const NEWS = '/news/cometd';
const DESK = '/desk/cometd';

let gateway: OpenFanout;
const policy = new ChannelPolicy(testProfile);

beforeEach(() => {
  gateway = new OpenFanout();
  isOurs = true;
  isInDoubt = false;
});

let isOurs: boolean;
let isInDoubt: boolean;

const right = { confirm: async () => isOurs, isInDoubt: () => isInDoubt };

const httpOf = (name: string, user = ANNA, saved?: SavedSession) => {
  const { upstream, clock } = gateway;
  return new UserBayeuxHttp({ user, api: policy.api(asApiName(name)), upstream, right, clock, saved });
};

const post = (path: string, isHandshake = false): BayeuxRequest => ({
  url: `https://engage.example${path}`,
  body: '[]',
  timeoutMs: 5_000,
  isHandshake,
  cancellation: new Cancellation(),
});
const handshake = (path: string) => post(path, true);
const cookies = () => gateway.http.received.map(({ headers }) => headers.cookie);

describe('a Bayeux request of a user', () => {
  it('is posted as it is, with the bearer where the API wants it', async () => {
    const request = handshake(`${NEWS}/handshake`);
    gateway.http.answer(`${NEWS}/handshake`, () => ({ status: 500, body: 'as it is' }));
    expect(await httpOf('news').post(request)).toEqual({ kind: 'reply', status: 500, body: 'as it is' });
    await httpOf('desk').post(handshake(DESK));
    const [[toNews], [toDesk]] = [gateway.http.to(`${NEWS}/handshake`), gateway.http.to(DESK)];
    expect(toNews).toMatchObject({
      method: 'POST',
      body: '[]',
      timeoutMs: 5_000,
      cancellation: request.cancellation,
    });
    expect(toNews?.headers.authorization).toBe('Bearer anna-token-1');
    expect(toDesk?.headers.authorization).toBeUndefined();
  });

  it('carries the cookie of its own Bayeux session, and of no other', async () => {
    let browsers = 0;
    const setCookie = () => ({ setCookies: [`BAYEUX_BROWSER=${(browsers += 1)}; Path=/; HttpOnly`] });
    gateway.http.answer(NEWS, setCookie);
    const [one, two] = [httpOf('news'), httpOf('news', asUserId('ben'))];
    await one.post(handshake(NEWS));
    await two.post(handshake(NEWS));
    gateway.http.answer(NEWS, () => ({}));
    await one.post(post(NEWS));
    await two.post(post(NEWS));
    await httpOf('news').post(handshake(NEWS));
    expect(cookies()).toEqual([undefined, undefined, 'BAYEUX_BROWSER=1', 'BAYEUX_BROWSER=2', undefined]);
  });

  it('begins a new Bayeux session without the cookie of the last, beside the cookies of the jar', async () => {
    gateway.http.answer(NEWS, () => ({ setCookies: ['BAYEUX_BROWSER=1', 'sticky=node-3; Path=/'] }));
    const http = httpOf('news');
    await http.post(handshake(NEWS));
    await http.post(post(NEWS));
    await http.post(handshake(NEWS));
    expect(cookies()).toEqual([undefined, 'sticky=node-3; BAYEUX_BROWSER=1', 'sticky=node-3']);
  });

  it('is refused when the upstream still says 403 after all was tried', async () => {
    gateway.http.answer(NEWS, () => ({ status: 403 }));
    expect(await httpOf('news').post(handshake(NEWS))).toEqual({ kind: 'refused', reason: 'forbidden' });
  });

  it('gets a 401 for an answer that may be another the next time', async () => {
    gateway.http.answer(NEWS, () => ({ status: 401 }));
    expect(await httpOf('news').post(handshake(NEWS))).toMatchObject({ kind: 'reply', status: 401 });
  });

  it('is refused when nobody is signed in, and fails when there is no token just now', async () => {
    gateway.bearers.outcome = { kind: 'signed-out' };
    expect(await httpOf('news').post(handshake(NEWS))).toEqual({ kind: 'refused', reason: 'signed_out' });
    gateway.bearers.outcome = { kind: 'unavailable', retryAfterMs: 1 };
    await expect(httpOf('news').post(handshake(NEWS))).rejects.toMatchObject({ code: 'token_unavailable' });
  });
});

describe('a Bayeux session whose upstream session was replaced', () => {
  it('is lost when the replacement happened during one of its own requests', async () => {
    const http = httpOf('desk');
    await http.post(handshake(DESK));
    let refusals = 1;
    gateway.http.answer(DESK, () => (refusals-- > 0 ? { status: 403 } : {}));
    expect(await http.post(post(DESK))).toEqual({ kind: 'session-lost' });
  });

  it('is lost when somebody else had it replaced, and asks the upstream no more', async () => {
    const http = httpOf('desk');
    await http.post(handshake(DESK));
    const other = httpOf('desk');
    await other.post(handshake(DESK));
    let refusals = 1;
    gateway.http.answer(DESK, () => (refusals-- > 0 ? { status: 403 } : {}));
    await other.post(post(DESK));
    const asked = gateway.http.received.length;
    expect(await http.post(post(DESK))).toEqual({ kind: 'session-lost' });
    expect(gateway.http.received).toHaveLength(asked);
  });

  it('goes on after its next handshake', async () => {
    const http = httpOf('desk');
    await http.post(handshake(DESK));
    let refusals = 1;
    gateway.http.answer(DESK, () => (refusals-- > 0 ? { status: 403 } : {}));
    await http.post(post(DESK));
    await http.post(handshake(DESK));
    expect(await http.post(post(DESK))).toMatchObject({ kind: 'reply' });
  });
});

describe('a Bayeux session that another instance began', () => {
  it('goes on with its cookie', async () => {
    await gateway.upstream.ensureInitialised(ANNA, asApiName('desk'));
    const saved = { bayeux: '', browserCookie: 'BAYEUX_BROWSER=b1', generation: 1 };
    await httpOf('desk', ANNA, saved).post(post(DESK));
    expect(gateway.http.to(DESK)[0]?.headers.cookie).toBe('BAYEUX_BROWSER=b1');
  });

  it('is not made anew by one who lost it meanwhile', async () => {
    isOurs = false;
    await expect(httpOf('news').post(handshake(NEWS))).rejects.toMatchObject({ code: 'ownership_lost' });
    expect(gateway.http.received).toEqual([]);
  });
});

describe('a poll of a session that others may be polling', () => {
  const saved = { bayeux: '', browserCookie: 'BAYEUX_BROWSER=b1', generation: 1 };
  const poll = (kind: 'acknowledged' | 'unacknowledged') => ({ ...post(DESK), poll: kind });
  const sent = () => gateway.http.to(DESK).length;
  let http: UserBayeuxHttp;

  beforeEach(async () => {
    await gateway.upstream.ensureInitialised(ANNA, asApiName('desk'));
    http = httpOf('desk', ANNA, saved);
    isInDoubt = true;
  });

  it('goes out once in a while, so that the server does not forget the session if nobody else polls it', async () => {
    const answer = http.post(poll('acknowledged'));
    await gateway.clock.elapse(3_500);
    expect(sent()).toBe(0);
    await gateway.clock.elapse(1_000);
    expect(await answer).toMatchObject({ kind: 'reply' });
    expect(sent()).toBe(1);
  });

  it('never goes out without acknowledgements: what it brought would be lost to whoever is owed it', async () => {
    const request = poll('unacknowledged');
    const answer = http.post(request);
    await gateway.clock.elapse(60_000);
    expect(sent()).toBe(0);
    isInDoubt = false;
    await gateway.clock.elapse(100);
    expect(await answer).toMatchObject({ kind: 'reply' });
  });

  it('goes out as soon as it is known that the session still is ours', async () => {
    const answer = http.post(poll('acknowledged'));
    await gateway.clock.elapse(200);
    isInDoubt = false;
    await gateway.clock.elapse(100);
    expect(await answer).toMatchObject({ kind: 'reply' });
  });

  it('does not go out any more when another one owns it', async () => {
    const answer = http.post(poll('acknowledged'));
    const failed = expect(answer).rejects.toMatchObject({ code: 'ownership_lost' });
    isOurs = false;
    isInDoubt = false;
    await gateway.clock.elapse(100);
    await failed;
    expect(sent()).toBe(0);
  });

  it('ends its wait when it is cancelled', async () => {
    const request = poll('unacknowledged');
    const answer = http.post(request).catch(() => 'cancelled');
    await gateway.clock.elapse(200);
    request.cancellation.cancel();
    await answer;
    expect(gateway.clock.pending).toBe(0);
  });
});
