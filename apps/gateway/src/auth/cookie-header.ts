/** The request header Cookie, RFC 6265 §5.4, read without decoding: our own values need none. */

const SPACE = 32;
const EQUALS = 61;

/**
 * The value of the cookie of that name. There is none where several differ: then a sibling domain or another
 * port has planted one beside ours (cookie tossing), and nobody can tell which is which. On the path of every
 * request and socket, so it reads the raw header and makes nothing but its answer.
 */
export function cookieValue(header: string | undefined, name: string): string | undefined {
  if (header === undefined) return undefined;
  let found: string | undefined;
  let start = 0;
  while (start < header.length) {
    while (header.charCodeAt(start) === SPACE) start += 1;
    const semicolon = header.indexOf(';', start);
    const end = semicolon === -1 ? header.length : semicolon;
    const value = start + name.length;
    if (value < end && header.charCodeAt(value) === EQUALS && header.startsWith(name, start)) {
      const text = header.slice(value + 1, end).trim();
      if (found !== undefined && found !== text) return undefined;
      found = text;
    }
    start = end + 1;
  }
  return found;
}

/** All cookies, in their order; without those of one name that differ. */
export function cookiesOf(header: string | undefined): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>();
  const planted = new Set<string>();
  for (const part of (header ?? '').split(';')) {
    const equals = part.indexOf('=');
    const name = part.slice(0, equals).replace(/^ +/u, '');
    if (equals <= 0 || name === '') continue;
    const value = part.slice(equals + 1).trim();
    if ((cookies.get(name) ?? value) !== value) planted.add(name);
    cookies.set(name, value);
  }
  for (const name of planted) cookies.delete(name);
  return cookies;
}
