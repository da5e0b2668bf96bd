import { type SessionId } from '@gw/kernel';
import { type TokenSet } from '@gw/sessions';

const MARGIN_OF_LIFE = 0.2;
const MAX_MARGIN_MS = 60_000;
const JITTER = 0.5;

/** A session id is a hash, so its first two characters spread evenly; cheap, and the same at every call. */
const spreadOf = (id: SessionId): number => ((id.charCodeAt(0) * 128 + id.charCodeAt(1)) % 997) / 997;

/**
 * From when on a token is renewed ahead of its end, milliseconds since the epoch: a fifth of its life
 * before, at most a minute, up to a quarter of that earlier or later so that sessions that began
 * together do not refresh together. `Infinity` for a token of unknown life.
 */
export function refreshAt(id: SessionId, { obtainedAt, expiresAt }: TokenSet): number {
  if (expiresAt === undefined) return Infinity;
  const margin = Math.min((expiresAt - obtainedAt) * MARGIN_OF_LIFE, MAX_MARGIN_MS);
  return expiresAt - margin * (1 - JITTER / 2 + JITTER * spreadOf(id));
}

export const isAlive = (tokens: TokenSet, now: number): boolean =>
  tokens.expiresAt === undefined || now < tokens.expiresAt;
