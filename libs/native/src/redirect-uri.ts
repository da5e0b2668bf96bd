/** A loopback redirect URI: host, and what comes behind the port, which the app takes as it finds it free. */
const LOOPBACK = /^http:\/\/(127\.0\.0\.1|\[::1\]|localhost)(?::\d{1,5})?([/?][^#]*)?$/u;

/**
 * Whether an app may be sent its answer at `uri`: the very URI that was registered, byte by byte (RFC 9700
 * §4.1.3); where that is a loopback one, on any port (RFC 8252 §7.3).
 */
export function isRegistered(uri: string, registered: readonly string[]): boolean {
  return registered.some((one) => one === uri || isSameLoopback(one, uri));
}

function isSameLoopback(registered: string, uri: string): boolean {
  const [ours, theirs] = [LOOPBACK.exec(registered), LOOPBACK.exec(uri)];
  return ours !== null && theirs !== null && ours[1] === theirs[1] && ours[2] === theirs[2];
}

/** `uri` with `parameters` in its query, in addition to what it has there (RFC 6749 §4.1.2). */
export function withParameters(
  uri: string,
  parameters: Readonly<Record<string, string | undefined>>,
): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) query.append(name, value);
  return `${uri}${uri.includes('?') ? '&' : '?'}${query}`;
}
