import { beforeEach, describe, expect, it } from 'vitest';
import { type Inbound } from './bayeux-session.js';
import { Continuity } from './continuity.js';
import { type BayeuxMessage } from './message.js';
import { clientIdIn, readSavedSession } from './saved-session.js';

const handshakeReply = (clientId: string, ack: unknown): BayeuxMessage => ({
  channel: '/meta/handshake',
  successful: true,
  clientId,
  supportedConnectionTypes: ['long-polling'],
  advice: { reconnect: 'retry', timeout: 30_000 },
  ext: { ack },
});
const handshakeRequest = (ack: boolean): BayeuxMessage => ({ channel: '/meta/handshake', ext: { ack } });
const connect = (ack?: number): BayeuxMessage => ({ channel: '/meta/connect', id: '1', ext: { ack } });
const connectReply = (ack?: number): BayeuxMessage => ({ ...connect(ack), successful: true });
const delivery = (data: unknown): BayeuxMessage => ({ channel: '/a', data });

describe('the continuity of a session', () => {
  let continuity: Continuity;

  /** A reply that is stored, if there is anything to store. */
  function stored(requests: BayeuxMessage[], replies: BayeuxMessage[]): Inbound | undefined {
    const step = continuity.read(requests, replies);
    continuity.advance(step);
    return step.inbound;
  }
  const handshake = (clientId = 'client-1', ack: unknown = true) =>
    stored([handshakeRequest(true)], [handshakeReply(clientId, ack)]);

  beforeEach(() => {
    continuity = new Continuity();
  });

  it('is named by the acknowledgement that a batch follows, never by the client id', () => {
    handshake();
    const first = continuity.read([connect(4)], [delivery(1), connectReply(5)]).inbound;
    const again = continuity.read([connect(4)], [delivery(1), delivery(2), connectReply(6)]).inbound;
    const next = continuity.read([connect(5)], [delivery(3), connectReply(6)]).inbound;
    expect(first?.follows).toMatch(/^[\w-]{22}:4$/);
    expect(first?.follows).not.toContain('client-1');
    expect(again?.follows).toBe(first?.follows);
    expect(next?.follows).not.toBe(first?.follows);
    handshake('client-2');
    expect(stored([connect(4)], [delivery(1), connectReply(5)])?.follows).not.toBe(first?.follows);
  });

  it('is that of the same name in another process', () => {
    const begun = handshake();
    const here = stored([connect(0)], [delivery(1), connectReply(1)]);
    continuity = new Continuity();
    continuity.resume(readSavedSession(begun!)!);
    expect(stored([connect(0)], [delivery(1), connectReply(2)])?.follows).toBe(here?.follows);
  });

  it.each([
    ['a handshake', () => handshake()],
    ['a batch beside a connect', () => stored([{ channel: '/service/x', id: '1' }], [delivery(1)])],
    [
      'a batch in a session without acknowledgements',
      () => {
        handshake('client-1', false);
        return stored([connect(1)], [delivery(1), connectReply(2)]);
      },
    ],
  ])('has no name after %s', (_what, inbound) => {
    handshake();
    expect(inbound()).toMatchObject({ follows: undefined });
  });

  it('is saved as the acknowledgement that comes next', () => {
    const acks: unknown[] = [];
    const note = (inbound: Inbound | undefined) => acks.push(readSavedSession(inbound!)!.ack);
    note(handshake());
    note(stored([connect(0)], [delivery(1), connectReply(1)]));
    expect(stored([connect(1)], [connectReply(2)])).toBeUndefined();
    note(stored([{ channel: '/service/x', id: '1' }], [delivery(2)]));
    note(stored([connect(2)], [delivery(3), connectReply(3)]));
    note(stored([connect(3)], [delivery(4), { ...connectReply(4), successful: false }]));
    expect(acks).toEqual([0, 1, 2, 3, 3]);
  });

  it('has a state that stays the same from batch to batch, with a mark that moves and tells no client id', () => {
    const begun = handshake();
    const [first, second] = [0, 1].map((ack) =>
      stored([connect(ack)], [delivery(1), { ...connectReply(ack + 1), advice: { timeout: 30_000 } }]),
    );
    expect([first?.state, second?.state]).toEqual([begun?.state, begun?.state]);
    expect([begun?.mark, first?.mark, second?.mark].map((mark) => mark?.split(':')[1])).toEqual([
      '0',
      '1',
      '2',
    ]);
    expect(second?.mark).not.toContain('client-1');
    expect(stored([connect(2)], [delivery(1), connectReply(3)])?.follows).toBe(second?.mark);
  });

  it('begins where a server says that it stands', () => {
    expect(readSavedSession(handshake('client-1', { enabled: true, batch: 9 })!)?.ack).toBe(9);
  });

  it('does not advance by a batch that was not stored', () => {
    handshake();
    continuity.read([connect(0)], [delivery(1), connectReply(1)]);
    const inbound = continuity.read([{ channel: '/service/x', id: '1' }], [delivery(2)]).inbound;
    expect(readSavedSession(inbound!)?.ack).toBe(0);
  });

  it('keeps the newest advice', () => {
    handshake();
    const advice = { reconnect: 'retry', timeout: 5_000, maxInterval: 7_000, interval: 2_000 };
    const inbound = stored([connect(0)], [delivery(1), { ...connectReply(1), advice }]);
    expect(readSavedSession(inbound!)?.advice).toEqual({ timeout: 5_000, maxInterval: 7_000 });
  });

  it('is in doubt after a failed connect without acknowledgements, until that is stored', () => {
    handshake('client-1', false);
    continuity.connectFailed();
    expect(continuity.read([connect()], [connectReply()]).inbound).toMatchObject({
      loss: true,
      messages: [],
    });
    expect(stored([connect()], [connectReply()])).toMatchObject({ loss: true });
    expect(stored([connect()], [connectReply()])).toBeUndefined();
  });

  it('is in doubt before a message that overtakes the connect', () => {
    handshake('client-1', false);
    continuity.connectFailed();
    expect(stored([{ channel: '/service/x', id: '1' }], [delivery(1)])).toMatchObject({ loss: true });
    expect(stored([connect()], [connectReply()])).toBeUndefined();
  });

  it('is not in doubt after a failed connect with acknowledgements, or after a handshake', () => {
    handshake();
    continuity.connectFailed();
    expect(stored([connect(0)], [connectReply(1)])).toBeUndefined();
    continuity.deliveriesDropped();
    expect(handshake()).toMatchObject({ sessionStart: true, loss: false });
    expect(stored([connect(0)], [connectReply(1)])).toBeUndefined();
  });

  describe('in a session with acknowledgements', () => {
    const isBroken = (request: BayeuxMessage, ...replies: BayeuxMessage[]) =>
      continuity.read([request], replies).acksBroken;
    beforeEach(() => void handshake());

    it('is kept by every acknowledgement that moves on', () => {
      expect(isBroken(connect(4), delivery(1), connectReply(5))).toBe(false);
      expect(isBroken(connect(4), delivery(1), connectReply(9))).toBe(false);
    });

    it('may stand still where nothing came', () => {
      expect(isBroken(connect(4), connectReply(4))).toBe(false);
      expect(isBroken(connect(4), delivery(1), connectReply(4))).toBe(true);
    });

    it('is broken by a reply without one, and by one that goes back', () => {
      expect(isBroken(connect(4), connectReply())).toBe(true);
      expect(isBroken(connect(4), connectReply(3))).toBe(true);
    });

    it('is not broken by a connect that fails, nor by what is no connect', () => {
      expect(isBroken(connect(4), { ...connectReply(), successful: false })).toBe(false);
      expect(isBroken({ channel: '/meta/subscribe' }, delivery(1))).toBe(false);
    });

    it('is stored all the same, and what is left of the session is known for its end', () => {
      const broken = continuity.read([connect(4)], [delivery(1), connectReply()]);
      expect(broken.inbound?.messages).toEqual([{ channel: '/a', data: 1 }]);
      expect(clientIdIn(continuity.state!)).toBe('client-1');
    });
  });

  it('has no acknowledgements where none were asked for, whatever the server says', () => {
    const begun = stored([handshakeRequest(false)], [handshakeReply('client-1', true)]);
    expect(readSavedSession(begun!)?.ack).toBeUndefined();
    expect(continuity.read([connect()], [connectReply()]).acksBroken).toBe(false);
  });

  it('makes nothing of what comes before there is a session', () => {
    const refusal: BayeuxMessage = { channel: '/meta/handshake', successful: false };
    expect(stored([{ channel: '/meta/handshake' }], [delivery(1), refusal])).toBeUndefined();
    expect(stored([{ channel: '/meta/handshake' }], [handshakeReply('', true)])).toBeUndefined();
  });
});
