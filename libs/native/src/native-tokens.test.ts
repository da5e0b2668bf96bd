import { hash } from 'node:crypto';
import { asUserId, GatewayError, Secret } from '@gw/kernel';
import { FakeClock } from '@gw/kernel/testing';
import { Sessions } from '@gw/sessions';
import { MemorySessionStore } from '@gw/sessions/memory';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { Authorizations } from './authorizations.js';
import { CodeExchange } from './code-exchange.js';
import { MemoryAccessHandles, MemoryAuthorizationCodes, MemoryRefreshFamilies } from './memory/index.js';
import { NativeAccess } from './native-access.js';
import { NativeClients } from './native-clients.js';
import { NativeEvents } from './native-events.js';
import { NativeTokens } from './native-tokens.js';
import { OAuthError } from './oauth-error.js';
import { anyText } from './testing/index.js';
import { type TokenAnswer, TokenIssue } from './token-issue.js';
import { TokenRotation } from './token-rotation.js';

const REDIRECT = 'com.example.phone:/signed-in';
const OTHER_REDIRECT = 'com.example.phone:/other';
const ISSUER = 'https://desk.example.com';
const verifier = 'v'.repeat(43);
const user = { id: asUserId('anna'), userName: 'anna', displayName: 'Anna' };
const HOUR_MS = 3_600_000;

class Recorded extends NativeEvents {
  readonly reuses: string[] = [];
  override reused(what: string): void {
    this.reuses.push(what);
  }
}

class FailingFamilies extends MemoryRefreshFamilies {
  isDown = false;
  override begin(...family: Parameters<MemoryRefreshFamilies['begin']>): Promise<void> {
    return this.isDown ? Promise.reject(down()) : super.begin(...family);
  }
}

class FailingHandles extends MemoryAccessHandles {
  isDown = false;
  override put(...handle: Parameters<MemoryAccessHandles['put']>): Promise<void> {
    return this.isDown ? Promise.reject(down()) : super.put(...handle);
  }
}

const down = () => new GatewayError('state_unavailable', 'unavailable', 'down');

describe('the token endpoint', () => {
  let clock: FakeClock;
  let sessions: Sessions;
  let families: FailingFamilies;
  let handles: FailingHandles;
  let authorizations: Authorizations;
  let access: NativeAccess;
  let events: Recorded;
  let tokens: NativeTokens;

  beforeEach(() => {
    clock = new FakeClock();
    sessions = new Sessions(new MemorySessionStore(clock), clock, {
      idleTtlMs: HOUR_MS,
      maxTtlMs: 2 * HOUR_MS,
    });
    const codes = new MemoryAuthorizationCodes(clock);
    families = new FailingFamilies(clock);
    handles = new FailingHandles(clock);
    events = new Recorded();
    const clients = new NativeClients([
      { id: 'phone', redirectUris: [REDIRECT, OTHER_REDIRECT] },
      { id: 'tablet', redirectUris: [REDIRECT] },
    ]);
    authorizations = new Authorizations(ISSUER, clients, codes, events);
    access = new NativeAccess(handles, sessions, clock);
    const issue = new TokenIssue(handles, clock, 600_000);
    const exchange = new CodeExchange(codes, families, issue, sessions, events);
    const rotation = new TokenRotation(families, issue, sessions, events);
    tokens = new NativeTokens(clients, exchange, rotation, families, handles, sessions, events);
  });

  const form = (parameters: Record<string, string>) => new URLSearchParams(parameters).toString();

  /** The code that the person's browser brings to the app. */
  async function aCode(clientId = 'phone', of = verifier): Promise<string> {
    const query = form({
      client_id: clientId,
      redirect_uri: REDIRECT,
      response_type: 'code',
      code_challenge: hash('sha256', of, 'base64url'),
      code_challenge_method: 'S256',
    });
    const begun = authorizations.begin(query);
    if (begun.kind !== 'login') throw new Error(begun.location);
    const engage = { accessToken: new Secret('engage'), obtainedAt: clock.now(), expiresAt: undefined };
    const answer = await authorizations.grant(begun.app, { user, tokens: engage, device: 'iOS' });
    return new URL(answer).searchParams.get('code') ?? '';
  }

  const exchangeOf = (code: string, changes: Record<string, string> = {}) =>
    form({
      grant_type: 'authorization_code',
      client_id: 'phone',
      redirect_uri: REDIRECT,
      code,
      code_verifier: verifier,
      ...changes,
    });
  const refreshOf = (refresh: string, client = 'phone') =>
    form({ grant_type: 'refresh_token', client_id: client, refresh_token: refresh });
  const signIn = async (): Promise<TokenAnswer> => tokens.grant(exchangeOf(await aCode()));
  const errorOf = (answer: Promise<unknown>) =>
    answer.then(
      () => 'none',
      (error: unknown) => (error instanceof OAuthError ? error.code : String(error)),
    );
  const isAlive = async ({ access_token: handle }: TokenAnswer) =>
    (await access.authenticate(handle, { touch: false })) !== undefined;

  it('answers as RFC 6749 §5.1 says', async () => {
    expect(await signIn()).toEqual({
      access_token: expect.stringMatching(/^[\w-]{43}$/u) as string,
      token_type: 'Bearer',
      expires_in: 600,
      refresh_token: expect.stringMatching(/^[\w-]{22}\.[\w-]{43}$/u) as string,
      scope: 'session',
    });
  });

  it.each([
    ['another verifier', { code_verifier: 'w'.repeat(43) }],
    ['the challenge as verifier', { code_verifier: hash('sha256', verifier, 'base64url') }],
    ['a verifier that is too short', { code_verifier: 'v'.repeat(42) }],
    ['an oversized verifier', { code_verifier: 'v'.repeat(10_000) }],
    ['another redirect URI of its own', { redirect_uri: OTHER_REDIRECT }],
    ["another client's name", { client_id: 'tablet' }],
  ])('gives nothing for a code with %s, and nothing for it ever after', async (_what, changes) => {
    const code = await aCode();
    expect(await errorOf(tokens.grant(exchangeOf(code, changes)))).toBe('invalid_grant');
    expect(await errorOf(tokens.grant(exchangeOf(code)))).toBe('invalid_grant');
    expect(await sessions.ofUser(user.id)).toEqual([]);
  });

  it("gives nothing for a code that was injected beside another login's verifier", async () => {
    const stolen = await aCode('phone', 's'.repeat(43));
    await aCode();
    expect(await errorOf(tokens.grant(exchangeOf(stolen)))).toBe('invalid_grant');
  });

  it('gives nothing for a code that is too old', async () => {
    const code = await aCode();
    await clock.elapse(60_000);
    expect(await errorOf(tokens.grant(exchangeOf(code)))).toBe('invalid_grant');
  });

  it('ends what a code gave when the code comes again, also much later', async () => {
    const code = await aCode();
    const first = await tokens.grant(exchangeOf(code));
    await clock.elapse(HOUR_MS / 2);
    const second = await tokens.grant(refreshOf(first.refresh_token));
    expect(await errorOf(tokens.grant(exchangeOf(code)))).toBe('invalid_grant');
    expect(await isAlive(second)).toBe(false);
    expect(events.reuses).toEqual(['authorization_code']);
  });

  it('leaves at most one session of many exchanges at once, and none of a code that came again', async () => {
    const code = await aCode();
    await Promise.allSettled(Array.from({ length: 8 }, () => tokens.grant(exchangeOf(code))));
    expect(await sessions.ofUser(user.id)).toEqual([]);
  });

  it('rotates: each refresh token works once, and its coming again ends all', async () => {
    const chain = [await signIn()];
    for (let times = 0; times < 5; times += 1) {
      chain.push(await tokens.grant(refreshOf(chain.at(-1)!.refresh_token)));
    }
    expect(new Set(chain.map((one) => one.refresh_token)).size).toBe(6);
    expect(await isAlive(chain[5]!)).toBe(true);
    expect(await errorOf(tokens.grant(refreshOf(chain[0]!.refresh_token)))).toBe('invalid_grant');
    for (const one of chain) expect(await isAlive(one)).toBe(false);
    expect(await errorOf(tokens.grant(refreshOf(chain[5]!.refresh_token)))).toBe('invalid_grant');
    expect(events.reuses).toEqual(['refresh_token']);
  });

  it('lets one of many refreshes at once win', async () => {
    const { refresh_token: refresh } = await signIn();
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, () => errorOf(tokens.grant(refreshOf(refresh)))),
    );
    expect(outcomes.filter((outcome) => outcome === 'none')).toHaveLength(1);
    expect(await sessions.ofUser(user.id)).toEqual([]);
  });

  it('ends the session whose refresh token another client shows', async () => {
    const first = await signIn();
    expect(await errorOf(tokens.grant(refreshOf(first.refresh_token, 'tablet')))).toBe('invalid_grant');
    expect(await isAlive(first)).toBe(false);
  });

  it('takes no access token for a refresh token, nor what only looks like one', async () => {
    const first = await signIn();
    const lookalike = `${'f'.repeat(22)}.${'h'.repeat(43)}`;
    for (const other of [
      first.access_token,
      lookalike,
      `${first.refresh_token}x`,
      first.refresh_token.slice(1),
    ]) {
      expect(await errorOf(tokens.grant(refreshOf(other)))).toBe('invalid_grant');
    }
    expect(await isAlive(first)).toBe(true);
  });

  it('counts a refresh as use, and gives no token that outlives its session', async () => {
    let { refresh_token: refresh } = await signIn();
    for (let times = 0; times < 3; times += 1) {
      await clock.elapse(HOUR_MS / 2);
      ({ refresh_token: refresh } = await tokens.grant(refreshOf(refresh)));
    }
    await clock.elapse(HOUR_MS / 2 - 100_000);
    const last = await tokens.grant(refreshOf(refresh));
    expect(last.expires_in).toBe(100);
    await clock.elapse(100_000);
    expect(await isAlive(last)).toBe(false);
    expect(await errorOf(tokens.grant(refreshOf(last.refresh_token)))).toBe('invalid_grant');
  });

  it('spends no refresh token when the state cannot be reached', async () => {
    const first = await signIn();
    handles.isDown = true;
    await expect(tokens.grant(refreshOf(first.refresh_token))).rejects.toMatchObject({
      code: 'state_unavailable',
    });
    handles.isDown = false;
    expect(await isAlive(await tokens.grant(refreshOf(first.refresh_token)))).toBe(true);
  });

  it('leaves no session behind whose tokens could not be stored', async () => {
    families.isDown = true;
    await expect(signIn()).rejects.toMatchObject({ code: 'state_unavailable' });
    expect(await sessions.ofUser(user.id)).toEqual([]);
  });

  it.each(['access_token', 'refresh_token'] as const)(
    'revokes by the %s, once and for all',
    async (which) => {
      const first = await signIn();
      await tokens.revoke(form({ client_id: 'phone', token: first[which] }));
      expect(await isAlive(first)).toBe(false);
      await tokens.revoke(form({ client_id: 'phone', token: first[which], token_type_hint: 'nonsense' }));
      await tokens.revoke(form({ client_id: 'phone', token: 'never given' }));
    },
  );

  it("revokes nothing of another client's", async () => {
    const first = await signIn();
    const asked = tokens.revoke(form({ client_id: 'tablet', token: first.access_token }));
    expect(await errorOf(asked)).toBe('invalid_grant');
    expect(await isAlive(first)).toBe(true);
  });

  it.each([
    ['no form', undefined, 'invalid_request'],
    ['an empty form', '', 'invalid_client'],
    ['an unknown client', 'client_id=desk&grant_type=refresh_token', 'invalid_client'],
    ['no grant type', 'client_id=phone', 'invalid_request'],
    [
      'another grant type',
      'client_id=phone&grant_type=password&username=a&password=b',
      'unsupported_grant_type',
    ],
    ['no code', 'client_id=phone&grant_type=authorization_code', 'invalid_request'],
    ['no refresh token', 'client_id=phone&grant_type=refresh_token', 'invalid_request'],
    ['a client twice', 'client_id=phone&client_id=phone&grant_type=refresh_token', 'invalid_request'],
    [
      'anything twice',
      'client_id=phone&grant_type=refresh_token&refresh_token=x&scope=a&scope=b',
      'invalid_request',
    ],
  ])('refuses %s', async (_what, body, code) => {
    expect(await errorOf(tokens.grant(body))).toBe(code);
  });

  it('refuses whatever else comes, in the words of OAuth', async () => {
    const known = ['invalid_request', 'invalid_client', 'invalid_grant', 'unsupported_grant_type'];
    const name = fc.constantFrom(
      'client_id',
      'grant_type',
      'code',
      'code_verifier',
      'redirect_uri',
      'refresh_token',
      'token',
    );
    const value = fc.oneof(
      fc.constantFrom('phone', 'authorization_code', 'refresh_token', REDIRECT, '', '__proto__'),
      anyText,
      fc.stringMatching(/^[\w-]{22}\.[\w-]{43}$/u),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(name, value), { maxLength: 8 }), async (pairs) => {
        const body = new URLSearchParams(pairs.map(([key, text]) => [key, text])).toString();
        expect(known).toContain(await errorOf(tokens.grant(body)));
        expect(['none', ...known]).toContain(await errorOf(tokens.revoke(body)));
      }),
      { numRuns: 500 },
    );
  });
});
