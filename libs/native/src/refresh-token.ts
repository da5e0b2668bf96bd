import { hash, randomBytes } from 'node:crypto';
import { type HandleHash, handleHashOf, newHandle } from './handle.js';
import { type FamilyId } from './refresh-families.js';

const FAMILY_BYTES = 16;
const REFRESH_TOKEN = /^([\w-]{22})\.([\w-]{43})$/u;

/**
 * A refresh token: a family and a handle of 256 random bits. The family is in each of its tokens and in
 * nothing else, so that whoever shows it with another handle has had one that is spent.
 */
export interface RefreshToken {
  readonly family: FamilyId;
  readonly hash: HandleHash;
  /** What the app gets. */
  readonly text: string;
}

export const newRefreshToken = (): RefreshToken =>
  tokenOf(randomBytes(FAMILY_BYTES).toString('base64url'), newHandle());

/** Undefined for what is none of ours. */
export function parseRefreshToken(text: string): RefreshToken | undefined {
  const [, family, handle] = REFRESH_TOKEN.exec(text) ?? [];
  return family === undefined || handle === undefined ? undefined : tokenOf(family, handle);
}

/** Another one of the same family. */
export function successorOf({ text }: RefreshToken): RefreshToken {
  const [family = ''] = text.split('.');
  return tokenOf(family, newHandle());
}

const tokenOf = (family: string, handle: string): RefreshToken => ({
  family: hash('sha256', family, 'base64url') as FamilyId,
  hash: handleHashOf(handle),
  text: `${family}.${handle}`,
});
