import { type UserHeaders } from '@gw/upstream';
import { HOP_BY_HOP, namedByConnection } from './hop-by-hop.js';

/** Header fields as Node gives them: lower-case names. */
export type HeaderFields = Readonly<Record<string, string | string[] | undefined>>;

/** Never sent on, whatever they say. */
const REMOVED: ReadonlySet<string> = new Set([
  ...HOP_BY_HOP,
  // Ours to set: the client's own credentials are for the gateway.
  'authorization',
  'cookie',
  'cookie2',
  'host',
  'x-api-key',
  'x-csrf',
  // Node has answered 100-continue already, and undici refuses to send it.
  'expect',
  // The page and the network path behind the gateway are not the upstream's business.
  'origin',
  'referer',
  'forwarded',
  'via',
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'true-client-ip',
  'cf-connecting-ip',
  'x-request-id',
  // Some servers let these replace the method or the path that was judged here.
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'x-original-url',
  'x-original-uri',
  'x-rewrite-url',
]);

/**
 * What of the client's header fields goes upstream, as a flat list of names and values, followed by `ours`.
 * Without a body its describing fields are dropped as well: a `Content-Length` would promise one.
 */
export function requestHeaders(client: HeaderFields, ours: UserHeaders, hasBody: boolean): string[] {
  const named = namedByConnection(client.connection);
  const sent: string[] = [];
  for (const name in client) {
    const value = client[name];
    if (value === undefined || isRemoved(name) || named.includes(name)) continue;
    if (!hasBody && name === 'content-length') continue;
    if (typeof value === 'string') sent.push(name, value);
    else for (const one of value) sent.push(name, one);
  }
  if (ours.authorization !== undefined) sent.push('authorization', ours.authorization);
  if (ours['x-api-key'] !== undefined) sent.push('x-api-key', ours['x-api-key']);
  if (ours.cookie !== undefined) sent.push('cookie', ours.cookie);
  return sent;
}

function isRemoved(name: string): boolean {
  return (
    REMOVED.has(name) ||
    name.startsWith('proxy-') ||
    name.startsWith('sec-') ||
    name.startsWith('x-forwarded-')
  );
}
