import { asUserId, Secret } from '@gw/kernel';
import { newSessionId } from '@gw/sessions';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AuthorizationCodes, type CodeGrant } from '../authorization-codes.js';
import { handleHashOf, newHandle } from '../handle.js';

export interface AuthorizationCodesHarness {
  readonly codes: AuthorizationCodes;
  /** Lets `ms` milliseconds pass: a fake clock for memory, real waiting elsewhere. */
  readonly elapse: (ms: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

const LONG_MS = 60_000;
const SHORT_MS = 200;

/** What every AuthorizationCodes promises; `open` gives an empty one. */
export function authorizationCodesContract(
  name: string,
  open: () => Promise<AuthorizationCodesHarness>,
): void {
  describe(`AuthorizationCodes (${name})`, () => {
    let harness: AuthorizationCodesHarness;
    let codes: AuthorizationCodes;

    beforeEach(async () => {
      harness = await open();
      codes = harness.codes;
    });
    afterEach(() => harness.close());

    const hash = () => handleHashOf(newHandle());

    it('gives back what a code stands for, tokens and all', async () => {
      const [code, grant] = [hash(), aGrant()];
      await codes.put(code, grant, LONG_MS);
      const redemption = await codes.redeem(code, LONG_MS);
      expect(redemption).toEqual({ kind: 'granted', grant });
      if (redemption.kind !== 'granted') return;
      const { accessToken, refreshToken } = redemption.grant.login.tokens;
      expect([accessToken.reveal(), refreshToken?.reveal()]).toEqual(['engage-access', 'engage-refresh']);
    });

    it('gives it once, however many ask at the same time, and tells the others for which session', async () => {
      const [code, grant] = [hash(), aGrant()];
      await codes.put(code, grant, LONG_MS);
      const all = await Promise.all(Array.from({ length: 8 }, () => codes.redeem(code, LONG_MS)));
      expect(all.filter(({ kind }) => kind === 'granted')).toHaveLength(1);
      const others = all.filter(({ kind }) => kind !== 'granted');
      expect(others).toEqual(Array(7).fill({ kind: 'spent', session: grant.session }));
      expect(await codes.redeem(code, LONG_MS)).toEqual({ kind: 'spent', session: grant.session });
    });

    it('knows nothing of a code that was never given, nor of one whose time is over', async () => {
      expect(await codes.redeem(hash(), LONG_MS)).toEqual({ kind: 'unknown' });
      const code = hash();
      await codes.put(code, aGrant(), SHORT_MS);
      await harness.elapse(SHORT_MS + 50);
      expect(await codes.redeem(code, LONG_MS)).toEqual({ kind: 'unknown' });
    });

    it('remembers a redemption longer than the code lived, and not for ever', async () => {
      const [long, short] = [hash(), hash()];
      for (const code of [long, short]) await codes.put(code, aGrant(), SHORT_MS);
      await codes.redeem(long, LONG_MS);
      await codes.redeem(short, SHORT_MS);
      await harness.elapse(SHORT_MS + 50);
      expect(await codes.redeem(long, LONG_MS)).toMatchObject({ kind: 'spent' });
      expect(await codes.redeem(short, LONG_MS)).toEqual({ kind: 'unknown' });
    });
  });
}

export function aGrant(): CodeGrant {
  return {
    clientId: 'phone',
    redirectUri: 'com.example.phone:/signed-in',
    challenge: 'c'.repeat(43),
    session: newSessionId(),
    login: {
      user: { id: asUserId('anna'), userName: 'anna', displayName: 'Anna Schmidt' },
      tokens: {
        accessToken: new Secret('engage-access'),
        refreshToken: new Secret('engage-refresh'),
        obtainedAt: 1_000,
        expiresAt: 2_000,
      },
      device: 'Safari on iOS',
      client: 'phone',
    },
  };
}
