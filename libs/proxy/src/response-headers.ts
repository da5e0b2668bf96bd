import { HOP_BY_HOP, namedByConnection } from './hop-by-hop.js';
import { type HeaderFields } from './request-headers.js';

type FieldValue = string | number | readonly string[];

/** Never shown to the client: each would act on the gateway's own origin, or on what stands before it. */
const REMOVED: ReadonlySet<string> = new Set([
  ...HOP_BY_HOP,
  'set-cookie',
  'set-cookie2',
  // A challenge is meant for the gateway; a browser would ask its user for a password.
  'www-authenticate',
  'proxy-authenticate',
  'authentication-info',
  'proxy-authentication-info',
  // Policies that a browser remembers for, or applies to, the whole origin.
  'accept-ch',
  'alt-svc',
  'clear-site-data',
  'critical-ch',
  'expect-ct',
  'nel',
  'public-key-pins',
  'public-key-pins-report-only',
  'refresh',
  'report-to',
  'reporting-endpoints',
  'service-worker-allowed',
  'strict-transport-security',
  'origin-agent-cluster',
  'permissions-policy',
  'referrer-policy',
  'x-dns-prefetch-control',
  'x-permitted-cross-domain-policies',
  // Replaced below.
  'content-security-policy',
  'content-security-policy-report-only',
  'x-content-type-options',
  'x-frame-options',
  // Commands to a web server in front of the gateway.
  'x-sendfile',
]);

/**
 * What of the upstream's header fields reaches the client. Whatever the upstream sends, HTML included, then
 * runs no script under the gateway's origin,
 * and no other page may frame or embed it. An answer to an authorised request may not be kept by shared
 * caches (RFC 9111 §3.5); the client's own request carries a cookie instead, so that must be said.
 *
 * `ourVary`: what the gateway's own part of the answer varies by, CORS for one; it is added to the upstream's.
 */
export function responseHeaders(
  upstream: HeaderFields,
  ourVary?: FieldValue,
): Record<string, string | string[]> {
  const named = namedByConnection(upstream.connection);
  const shown: Record<string, string | string[]> = {};
  for (const name in upstream) {
    const value = upstream[name];
    if (value === undefined || isRemoved(name) || named.includes(name)) continue;
    shown[name] = value;
  }
  shown['x-content-type-options'] = 'nosniff';
  shown['content-security-policy'] = "sandbox; frame-ancestors 'none'";
  shown['cross-origin-resource-policy'] = 'same-origin';
  shown['cache-control'] ??= 'private';
  if (ourVary !== undefined && shown.vary !== undefined) shown.vary = merged(ourVary, shown.vary);
  return shown;
}

/** As one list, each name once (RFC 9110 §5.3, §12.5.5). */
function merged(...values: readonly FieldValue[]): string {
  const names = values.flatMap((value) => String(value).split(',')).map((name) => name.trim());
  const isNew = (name: string, at: number) =>
    names.findIndex((other) => other.toLowerCase() === name.toLowerCase()) === at;
  return names.filter((name, at) => name !== '' && isNew(name, at)).join(', ');
}

/** CORS is the gateway's to answer, and so is who may embed or open what; the last are for web servers. */
function isRemoved(name: string): boolean {
  return (
    REMOVED.has(name) ||
    name.startsWith('access-control-') ||
    name.startsWith('cross-origin-') ||
    name.startsWith('x-accel-')
  );
}
