import { type IncomingHttpHeaders } from 'node:http';

const BEARER = /^bearer(?: +(.*))?$/iu;

/**
 * The token of `Authorization: Bearer`, RFC 6750 §2.1. Undefined: the request carries no bearer; empty, or
 * anything else: it carries one, and whether that is worth something is for others to say.
 */
export function bearerOf({ authorization }: IncomingHttpHeaders): string | undefined {
  if (authorization === undefined) return undefined;
  const match = BEARER.exec(authorization);
  return match ? (match[1] ?? '').trim() : undefined;
}
