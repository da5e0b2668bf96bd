import { hash, timingSafeEqual } from 'node:crypto';

/** RFC 7636 §4.2: SHA-256, base64url without padding. */
const CHALLENGE = /^[\w-]{43}$/u;
/** RFC 7636 §4.1. */
const VERIFIER = /^[\w.~-]{43,128}$/u;

export const isChallenge = (value: string): boolean => CHALLENGE.test(value);

/** Whether `verifier` is what the S256 `challenge` was made of. */
export function proves(verifier: string, challenge: string): boolean {
  if (!VERIFIER.test(verifier) || !isChallenge(challenge)) return false;
  return timingSafeEqual(Buffer.from(hash('sha256', verifier, 'base64url')), Buffer.from(challenge));
}
