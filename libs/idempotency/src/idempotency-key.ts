export type ParsedKey =
  { readonly kind: 'none' } | { readonly kind: 'key'; readonly key: string } | { readonly kind: 'malformed' };

const MAX_LENGTH = 255;

/** A structured field string (RFC 9651 §3.3.3), as the draft has it. */
const QUOTED = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/;
/** What many clients send instead. */
const BARE = /^[\w.:~+/=-]+$/;

/** Reads the field `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): 1 to 255 characters. */
export function parseIdempotencyKey(field: string | readonly string[] | undefined): ParsedKey {
  if (field === undefined) return { kind: 'none' };
  if (typeof field !== 'string') return { kind: 'malformed' };
  const text = field.trim();
  const key = QUOTED.exec(text)?.[1]?.replaceAll(/\\(.)/g, '$1') ?? BARE.exec(text)?.[0];
  const isFit = key !== undefined && key.length > 0 && key.length <= MAX_LENGTH;
  return isFit ? { kind: 'key', key } : { kind: 'malformed' };
}
