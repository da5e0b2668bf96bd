import { describe, expect, it } from 'vitest';
import { parseSoundReply } from './sound-reply.js';

const read = (...messages: object[]) => parseSoundReply(JSON.stringify(messages));
const connect = (more: object) => ({ channel: '/meta/connect', id: '1', successful: true, ...more });
const handshake = (more: object) => ({ channel: '/meta/handshake', id: '1', successful: true, ...more });

describe('what the protocol library is given of a reply', () => {
  it('is all of it, when nothing is wrong', () => {
    const advice = { reconnect: 'retry', interval: 0, timeout: 30_000, 'multiple-clients': true };
    const messages = [{ channel: '/a', data: 1, id: '1' }, connect({ advice, ext: { ack: 3 } })];
    expect(read(...messages)).toEqual(messages);
  });

  it('has no advice that cannot be followed', () => {
    const advice = { reconnect: 'maybe', interval: 'soon', timeout: -1, maxInterval: null, more: 1 };
    expect(read(connect({ advice }))).toEqual([connect({ advice: { more: 1 } })]);
    for (const none of [null, 'retry', 7]) expect(read(connect({ advice: none }))).toEqual([connect({})]);
  });

  it('has no interval that would make it deaf', () => {
    expect(read(connect({ advice: { interval: 3_600_000 } }))).toEqual([
      connect({ advice: { interval: 30_000 } }),
    ]);
  });

  it('has advice in answers to handshakes and connects only', () => {
    const advice = { reconnect: 'none' };
    expect(read({ channel: '/meta/subscribe', id: '1', advice }, { channel: '/a', data: 1, advice })).toEqual(
      [
        { channel: '/meta/subscribe', id: '1' },
        { channel: '/a', data: 1 },
      ],
    );
  });

  it('is a failure where a connect succeeds and the session is over', () => {
    const advice = { reconnect: 'handshake' };
    expect(read(connect({ advice }))).toEqual([connect({ successful: false, advice })]);
    expect(read(handshake({ advice: { ...advice, timeout: 1 } }))).toEqual([
      handshake({ advice: { timeout: 1 } }),
    ]);
    expect(read(handshake({ successful: false, advice }))).toEqual([
      handshake({ successful: false, advice }),
    ]);
  });

  it('does not say how many messages a handshake brought', () => {
    const message = { channel: '/a', data: 1 };
    expect(read(handshake({ 'x-messages': 2 }), message)).toEqual([handshake({}), message]);
  });

  it('answers each request once, and has every notification, whatever its id', () => {
    const notification = { channel: '/a', data: 1, id: '1' };
    expect(read(notification, notification, connect({}), connect({}))).toEqual([
      notification,
      notification,
      connect({}),
    ]);
    const two = [connect({}), connect({ id: '2' })];
    expect(read(...two)).toEqual(two);
  });

  it('is nothing when the body is no reply', () => {
    expect(() => parseSoundReply('[{"channel":')).toThrow(SyntaxError);
  });
});
