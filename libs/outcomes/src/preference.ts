/** Nobody is kept waiting for longer, whatever they ask for, in seconds. */
const MAX_WAIT_S = 30;

/** No client has so much to say; more could be made to take long to read. */
const MAX_LENGTH = 500;

const TOKEN = "[\\w!#$%&'*+.^`|~-]+";
/** RFC 7240 §2: a name, perhaps a value, and parameters, of which `wait` has none. */
const PREFERENCE = new RegExp(
  `^(${TOKEN})(?:[ \\t]*=[ \\t]*(?:(${TOKEN})|"((?:[^"\\\\]|\\\\.)*)"))?[ \\t]*(?:;.*)?$`,
);

/**
 * How long the client is prepared to wait, in milliseconds, at most 30 seconds (RFC 7240 §4.3).
 * Undefined without the preference, for one that is malformed (§2: it is ignored), and for `wait=0`.
 */
export function waitMsOf(prefer: string | readonly string[] | undefined): number | undefined {
  if (prefer === undefined) return undefined;
  const header = typeof prefer === 'string' ? prefer : prefer.join(',');
  if (header.length > MAX_LENGTH) return undefined;
  for (const part of split(header)) {
    const match = PREFERENCE.exec(part.trim());
    if (match?.[1]?.toLowerCase() !== 'wait') continue;
    // Of a preference that is there twice, the first counts.
    const value = match[2] ?? match[3] ?? '';
    const seconds = /^\d{1,9}$/.test(value) ? Math.min(Number(value), MAX_WAIT_S) : 0;
    return seconds > 0 ? seconds * 1_000 : undefined;
  }
  return undefined;
}

/** At the commas that are not quoted. */
function split(header: string): string[] {
  return header.match(/(?:[^,"]|"(?:[^"\\]|\\.)*"|")+/g) ?? [];
}
