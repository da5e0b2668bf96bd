import { type RateUse } from '@gw/limits';
import { beforeEach, describe, expect, it } from 'vitest';
import { messageLimit } from './message-limit.js';

const useOf = (isAllowed: boolean): RateUse => ({
  isAllowed,
  name: 'message',
  rate: { quota: 1, windowMs: 1 },
  remaining: 0,
  resetMs: 0,
  retryAfterMs: 0,
});

describe('a socket’s message', () => {
  let allowed: boolean | undefined;
  let passed: number;
  let floods: number;
  let answers: unknown[];
  let receive: (...packet: unknown[]) => void;
  beforeEach(() => {
    [allowed, passed, floods, answers] = [true, 0, 0, []];
    const limit = messageLimit(
      () => (allowed === undefined ? undefined : useOf(allowed)),
      () => (floods += 1),
    );
    receive = (...packet) => limit(packet, () => (passed += 1));
  });
  const acknowledge = (answer: unknown) => void answers.push(answer);

  it('passes while the limit allows it, and where there is none', () => {
    receive('subscribe', {}, acknowledge);
    allowed = undefined;
    receive('subscribe', {});
    expect([passed, answers]).toEqual([2, []]);
  });

  it('is refused with an answer where one is wanted', () => {
    allowed = false;
    receive('subscribe', {}, acknowledge);
    receive('subscribe', {});
    expect(passed).toBe(0);
    expect(answers).toEqual([
      { ok: false, error: { code: 'rate_limited', message: 'too many messages in too short a time' } },
    ]);
  });

  it('cuts the client off when a hundred were refused in a row, once', () => {
    allowed = false;
    for (let message = 0; message < 99; message += 1) receive('x');
    allowed = true;
    receive('x');
    allowed = false;
    for (let message = 0; message < 99; message += 1) receive('x');
    expect(floods).toBe(0);
    for (let message = 0; message < 50; message += 1) receive('x');
    expect(floods).toBe(1);
  });
});
