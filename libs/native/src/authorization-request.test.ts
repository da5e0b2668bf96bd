import { describe, expect, it } from 'vitest';
import { judge } from './authorization-request.js';
import { NativeClients } from './native-clients.js';
import { Parameters } from './parameters.js';

const REDIRECT = 'com.example.phone:/signed-in';
const clients = new NativeClients([
  { id: 'phone', redirectUris: [REDIRECT] },
  { id: 'tablet', redirectUris: ['https://tablet.example.com/signed-in'] },
]);
const challenge = 'c'.repeat(43);
const fit = {
  client_id: 'phone',
  redirect_uri: REDIRECT,
  response_type: 'code',
  state: 'the state',
  code_challenge: challenge,
  code_challenge_method: 'S256',
};

/** The query of a fit request, with some parameters replaced, or left out where undefined. */
function queryWith(changes: Partial<Record<string, string | undefined>>, more = ''): string {
  const parameters = Object.entries<string | undefined>({ ...fit, ...changes }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return new URLSearchParams(parameters).toString() + more;
}

const judged = (query: string) => judge(new Parameters(query), clients);

/** What the app is told, or what the person is shown. */
function outcomeOf(query: string): string {
  try {
    const outcome = judged(query);
    return outcome.kind === 'request' ? 'taken' : `told ${outcome.refusal.error}`;
  } catch (error) {
    return `shown ${(error as { code: string }).code}`;
  }
}

describe('an authorization request', () => {
  it('is taken with who asks, where the answer goes, and what proves it', () => {
    expect(judged(queryWith({}))).toEqual({
      kind: 'request',
      request: { clientId: 'phone', redirectUri: REDIRECT, state: 'the state', challenge },
    });
  });

  it.each([
    ['no state', { state: undefined }],
    ['an empty state', { state: '' }],
    ['scopes', { scope: 'openid profile offline_access' }],
    ['parameters that nobody knows', { nonce: 'n', prompt: 'login', login_hint: 'anna' }],
    ['the response mode that we have', { response_mode: 'query' }],
  ])('is taken with %s', (_what, changes) => {
    expect(outcomeOf(queryWith(changes))).toBe('taken');
  });

  it.each([
    ['no client', { client_id: undefined }, 'native_client_unknown'],
    ['an unknown client', { client_id: 'desk' }, 'native_client_unknown'],
    ['a name that every object has', { client_id: '__proto__' }, 'native_client_unknown'],
    ['an oversized client', { client_id: 'x'.repeat(10_000) }, 'native_client_unknown'],
    ['no redirect URI', { redirect_uri: undefined }, 'redirect_uri_not_registered'],
    ['a foreign redirect URI', { redirect_uri: 'https://evil.example/' }, 'redirect_uri_not_registered'],
    ["another client's redirect URI", { client_id: 'tablet' }, 'redirect_uri_not_registered'],
  ])('is shown to the person, and redirected nowhere, with %s', (_what, changes, code) => {
    expect(outcomeOf(queryWith(changes))).toBe(`shown ${code}`);
  });

  it.each(['client_id=phone', `redirect_uri=${encodeURIComponent('https://evil.example/')}`])(
    'is redirected nowhere when that is ambiguous: %s once more',
    (more) => {
      expect(outcomeOf(queryWith({}, `&${more}`))).toMatch(/^shown /u);
    },
  );

  it.each([
    ['no response type', { response_type: undefined }, 'invalid_request'],
    ['the implicit grant', { response_type: 'token' }, 'unsupported_response_type'],
    ['a hybrid flow', { response_type: 'code id_token' }, 'unsupported_response_type'],
    ['no challenge', { code_challenge: undefined }, 'invalid_request'],
    ['no method, which would be plain', { code_challenge_method: undefined }, 'invalid_request'],
    ['the plain method', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['the method in another case', { code_challenge_method: 's256' }, 'invalid_request'],
    ['a challenge that is too short', { code_challenge: 'c'.repeat(42) }, 'invalid_request'],
    ['a challenge that is too long', { code_challenge: 'c'.repeat(10_000) }, 'invalid_request'],
    ['a padded challenge', { code_challenge: `${'c'.repeat(42)}=` }, 'invalid_request'],
    ['an answer in the fragment', { response_mode: 'fragment' }, 'invalid_request'],
    ['a request object', { request: 'eyJ' }, 'invalid_request'],
    ['a request object elsewhere', { request_uri: 'https://evil.example/' }, 'invalid_request'],
    ['an oversized state', { state: 'x'.repeat(2_049) }, 'invalid_request'],
  ])('is refused to the app with %s', (_what, changes, error) => {
    expect(outcomeOf(queryWith(changes))).toBe(`told ${error}`);
  });

  it.each([
    'state=other',
    'code_challenge=x',
    'code_challenge_method=plain',
    'response_type=token',
    'x=1&x=2',
  ])('is refused to the app when a parameter comes twice: %s', (more) => {
    expect(outcomeOf(queryWith({}, `&${more}`))).toBe('told invalid_request');
  });

  it('brings no state back that came twice or is oversized', () => {
    for (const query of [queryWith({}, '&state=x'), queryWith({ state: 'x'.repeat(2_049) })]) {
      const outcome = judged(query);
      expect(outcome.kind === 'refused' && outcome.address).toEqual({
        redirectUri: REDIRECT,
        state: undefined,
      });
    }
  });

  it('is refused with more parameters than anybody needs', () => {
    const many = Array.from({ length: 10_000 }, (_, index) => `p${index}=`).join('&');
    expect(outcomeOf(queryWith({}, `&${many}`))).toBe('told invalid_request');
  });
});
