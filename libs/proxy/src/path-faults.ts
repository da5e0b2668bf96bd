/** Why a request target could be read in two ways, and is therefore not sent on. */
export type PathFault =
  | 'not-origin-form'
  | 'empty-segment'
  | 'dot-segment'
  | 'path-parameter'
  | 'backslash'
  | 'unsafe-character'
  | 'encoded-delimiter'
  | 'invalid-encoding';

const SLASH = 47;
const DOT = 46;
const PERCENT = 37;
const SEMICOLON = 59;
const HASH = 35;
const BACKSLASH = 92;

/**
 * Encoded control characters, `%`, `/`, `;`, `\`, DEL: servers and proxies disagree on whether to decode
 * them before they look for segments.
 */
const ENCODED_DELIMITER = /%(?:[01][0-9a-f]|25|2f|3b|5c|7f)/i;

/** The first reason found against a target of `path` and `search`; undefined when there is none. */
export function faultOf(path: string, search: string): PathFault | undefined {
  if (path.charCodeAt(0) !== SLASH) return 'not-origin-form';
  let previous = 0;
  let hasEscapes = false;
  for (let index = 0; index < path.length; index += 1) {
    const code = path.charCodeAt(index);
    if (!isVisible(code)) return 'unsafe-character';
    if (code === SEMICOLON) return 'path-parameter';
    if (code === BACKSLASH) return 'backslash';
    if (code === PERCENT) hasEscapes = true;
    if (previous === SLASH && code === SLASH) return 'empty-segment';
    if (previous === SLASH && code === DOT && isDotSegment(path, index)) return 'dot-segment';
    previous = code;
  }
  return (hasEscapes ? faultOfEscapes(path) : undefined) ?? faultOfSearch(search);
}

/** A faultless path in the one spelling that reserved paths are compared in. */
export function plainPath(path: string): string {
  const decoded = path.includes('%') ? decodeURIComponent(path) : path;
  return (decoded.endsWith('/') ? decoded.slice(0, -1) : decoded).toLowerCase();
}

/** RFC 3986 allows only ASCII; a `#` would be a fragment, which is never sent. */
function isVisible(code: number): boolean {
  return code > 0x20 && code < 0x7f && code !== HASH;
}

function isDotSegment(path: string, start: number): boolean {
  const end = path.charCodeAt(start + 1) === DOT ? start + 2 : start + 1;
  return end === path.length || path.charCodeAt(end) === SLASH;
}

function faultOfEscapes(path: string): PathFault | undefined {
  if (ENCODED_DELIMITER.test(path)) return 'encoded-delimiter';
  const decoded = decode(path);
  if (decoded === undefined) return 'invalid-encoding';
  return /\/\.{1,2}(?:\/|$)/.test(decoded) ? 'dot-segment' : undefined;
}

function faultOfSearch(search: string): PathFault | undefined {
  for (let index = 0; index < search.length; index += 1) {
    if (!isVisible(search.charCodeAt(index))) return 'unsafe-character';
  }
  return undefined;
}

/** Undefined for a broken escape, and for bytes that are no UTF-8 (overlong forms of `/` among them). */
function decode(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}
