import { hash } from 'node:crypto';
import { expect, it } from 'vitest';
import { proves } from './pkce.js';

/** Of RFC 7636, appendix B. */
const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';

it('a verifier proves the challenge that was made of it', () => {
  expect(proves(VERIFIER, CHALLENGE)).toBe(true);
});

it.each([
  ['another verifier', VERIFIER.replace('d', 'e'), CHALLENGE],
  ['another challenge', VERIFIER, CHALLENGE.replace('E', 'F')],
  ['the challenge itself', CHALLENGE, CHALLENGE],
  ['nothing', '', CHALLENGE],
  ['too short a verifier, though of this challenge', 'abc', hash('sha256', 'abc', 'base64url')],
  ['too long a one', 'x'.repeat(129), hash('sha256', 'x'.repeat(129), 'base64url')],
  ['no challenge', VERIFIER, ''],
])('a challenge is not proved by %s', (_what, verifier, challenge) => {
  expect(proves(verifier, challenge)).toBe(false);
});
