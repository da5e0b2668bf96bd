export interface ReturnToPolicy {
  /** The origin under which browsers reach us. */
  readonly ownOrigin: string;
  readonly allowedOrigins: readonly string[];
}

const MAX_LENGTH = 2_048;
/** Enough to see through what a proxy or application decodes on the way, and an end for what never settles. */
const MAX_DECODINGS = 3;

/**
 * Where a browser may be sent after its login: the safe form of `value`, or undefined when it leads
 * elsewhere than to our own origin or an allowed one (an open redirect, RFC 9700 §4.11).
 */
export function allowedReturnTo(value: string, policy: ReturnToPolicy): string | undefined {
  if (value.length > MAX_LENGTH || hasUnsafeCharacters(value)) return undefined;
  return value.startsWith('/') ? ownPath(value, policy.ownOrigin) : allowedUrl(value, policy);
}

function ownPath(value: string, ownOrigin: string): string | undefined {
  const url = parsed(value, ownOrigin);
  if (url?.origin !== ownOrigin) return undefined;
  const [path = ''] = value.split(/[?#]/u);
  if (!staysAPath(path) || !staysAPath(url.pathname)) return undefined;
  return url.pathname + url.search + url.hash;
}

function allowedUrl(value: string, { ownOrigin, allowedOrigins }: ReturnToPolicy): string | undefined {
  // Parsers also take `https:host` and `https:///host`; who writes those has something to hide.
  if (!/^https?:\/\/[^/]/iu.test(value)) return undefined;
  const url = parsed(value);
  if (url?.username !== '' || url.password !== '') return undefined;
  return url.origin === ownOrigin || allowedOrigins.includes(url.origin) ? url.href : undefined;
}

/** False for a path that, decoded once more, would name another host or hide a character. */
function staysAPath(path: string): boolean {
  let decoded = path;
  for (let round = 0; round <= MAX_DECODINGS; round += 1) {
    if (/^\/[/\\]/u.test(decoded) || hasUnsafeCharacters(decoded.replaceAll(' ', ''))) return false;
    const next = decodedOnce(decoded);
    if (next === undefined) return false;
    if (next === decoded) return true;
    decoded = next;
  }
  return false;
}

/** Browsers drop or turn these while parsing, so that what was checked is not what is followed. */
function hasUnsafeCharacters(text: string): boolean {
  for (const character of text) {
    if (character <= ' ' || character === '\u007f' || character === '\\') return true;
  }
  return false;
}

function decodedOnce(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function parsed(value: string, base?: string): URL | undefined {
  return URL.canParse(value, base) ? new URL(value, base) : undefined;
}
