/** The request header Cookie, RFC 6265 §5.4, read without decoding: our own values need none. */

const SPACE = 32;
const EQUALS = 61;

/**
 * The value of the first cookie of that name; on the path of every request and socket, so it reads the
 * raw header and makes nothing but its answer.
 */
export function cookieValue(header: string | undefined, name: string): string | undefined {
  if (header === undefined) return undefined;
  let start = 0;
  while (start < header.length) {
    while (header.charCodeAt(start) === SPACE) start += 1;
    const semicolon = header.indexOf(';', start);
    const end = semicolon === -1 ? header.length : semicolon;
    const value = start + name.length;
    if (value < end && header.charCodeAt(value) === EQUALS && header.startsWith(name, start)) {
      return header.slice(value + 1, end).trim();
    }
    start = end + 1;
  }
  return undefined;
}

/** All cookies, in their order; of several with one name the first counts. */
export function cookiesOf(header: string | undefined): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>();
  for (const part of (header ?? '').split(';')) {
    const equals = part.indexOf('=');
    const name = part.slice(0, equals).replace(/^ +/u, '');
    if (equals > 0 && name !== '' && !cookies.has(name)) cookies.set(name, part.slice(equals + 1).trim());
  }
  return cookies;
}
