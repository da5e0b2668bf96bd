import { Secret } from '@gw/kernel';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LoginAttempts } from '../login-attempts.js';

export interface LoginAttemptsHarness {
  readonly attempts: LoginAttempts;
  /** Lets `ms` milliseconds pass: a fake clock for memory, real waiting elsewhere. */
  readonly elapse: (ms: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

const LONG_MS = 60_000;

/** What every LoginAttempts promises; `open` gives an empty one. */
export function loginAttemptsContract(name: string, open: () => Promise<LoginAttemptsHarness>): void {
  describe(`LoginAttempts (${name})`, () => {
    let harness: LoginAttemptsHarness;
    let attempts: LoginAttempts;

    beforeEach(async () => {
      harness = await open();
      attempts = harness.attempts;
    });
    afterEach(() => harness.close());

    const attempt = { codeVerifier: new Secret('verifier'), browser: 'browser', returnTo: '/desk' };

    it('gives back what was put in, verifier and all', async () => {
      await attempts.put('state', attempt, LONG_MS);
      const taken = await attempts.take('state');
      expect(taken).toEqual(attempt);
      expect(taken?.codeVerifier.reveal()).toBe('verifier');
    });

    it('gives back for which app a login is made', async () => {
      await attempts.put('state', { ...attempt, app: 'what it asked for' }, LONG_MS);
      expect(await attempts.take('state')).toEqual({ ...attempt, app: 'what it asked for' });
    });

    it('gives an attempt once, however many ask at the same time', async () => {
      await attempts.put('state', attempt, LONG_MS);
      const taken = await Promise.all([
        attempts.take('state'),
        attempts.take('state'),
        attempts.take('state'),
      ]);
      expect(taken.filter((one) => one !== undefined)).toHaveLength(1);
      expect(await attempts.take('state')).toBeUndefined();
    });

    it('keeps the attempts of several tabs apart', async () => {
      await attempts.put('first', { ...attempt, returnTo: '/first' }, LONG_MS);
      await attempts.put('second', { ...attempt, returnTo: '/second' }, LONG_MS);
      expect((await attempts.take('first'))?.returnTo).toBe('/first');
      expect((await attempts.take('second'))?.returnTo).toBe('/second');
    });

    it('forgets an attempt when its time is over', async () => {
      await attempts.put('state', attempt, 200);
      await harness.elapse(250);
      expect(await attempts.take('state')).toBeUndefined();
    });
  });
}
