import { createHash } from 'node:crypto';

/** Tells requests apart: method, target and body. The same bytes give the same fingerprint, in base64url. */
export function fingerprintOf(method: string, target: string, body: Buffer | undefined): string {
  const hash = createHash('sha256').update(JSON.stringify([method, target]));
  if (body) hash.update(body);
  return hash.digest('base64url');
}
