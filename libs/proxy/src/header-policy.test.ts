import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requestHeaders } from './request-headers.js';
import { responseHeaders } from './response-headers.js';

const OURS = { authorization: 'Bearer ours', 'x-api-key': 'key', cookie: 'SESSION=1' };
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

const token = fc.stringMatching(/^[a-z][a-z0-9-]{0,15}$/).filter((name) => name !== 'constructor');
const fields = fc.dictionary(token, fc.stringMatching(/^[ -~]{0,20}$/), { noNullPrototype: true });
const mixedCase = (name: string) =>
  name.replace(/[a-z]/g, (letter, at: number) => (at % 2 ? letter : letter.toUpperCase()));

describe('what goes upstream', () => {
  it.each([
    ...HOP_BY_HOP,
    ...['host', 'expect', 'x-csrf', 'origin', 'referer', 'cookie', 'authorization', 'x-api-key', 'cookie2'],
    ...[
      'sec-fetch-site',
      'sec-websocket-key',
      'forwarded',
      'x-forwarded-for',
      'x-forwarded-host',
      'x-real-ip',
    ],
    ...['proxy-authorization', 'x-request-id', 'x-http-method-override', 'x-original-url', 'http2-settings'],
  ])('is never the client’s %s', (name) => {
    expect(requestHeaders({ [name]: 'client', accept: '*/*' }, {}, true)).toEqual(['accept', '*/*']);
  });

  it.each([
    'content-type',
    'content-encoding',
    'range',
    'if-none-match',
    'accept-encoding',
    'prefer',
    'user-agent',
  ])('is the client’s %s as it was', (name) =>
    expect(requestHeaders({ [name]: 'client' }, {}, true)).toEqual([name, 'client']),
  );

  it('is never what Connection names, in any case, and always the gateway’s own', () => {
    fc.assert(
      fc.property(fields, fc.array(token, { maxLength: 5 }), (client, named) => {
        const connection = [...named.map(mixedCase), 'Authorization', 'cookie'].join(' , ');
        const ofNamed = Object.fromEntries(named.map((name) => [name, 'client']));
        const sent = asPairs(requestHeaders({ ...client, ...ofNamed, connection }, OURS, true));
        for (const name of named) expect(sent.filter(([key]) => key === name && !(key in OURS))).toEqual([]);
        for (const [name, value] of Object.entries(OURS)) {
          expect(sent.filter(([key]) => key === name)).toEqual([[name, value]]);
        }
      }),
    );
  });

  it('promises a body only where there is one', () => {
    expect(requestHeaders({ 'content-length': '3' }, {}, false)).toEqual([]);
    expect(requestHeaders({ 'content-length': '3' }, {}, true)).toEqual(['content-length', '3']);
  });

  it('keeps each value of a repeated field', () => {
    expect(requestHeaders({ 'x-many': ['a', 'b'] }, {}, true)).toEqual(['x-many', 'a', 'x-many', 'b']);
  });
});

describe('what reaches the client', () => {
  it.each([
    ...HOP_BY_HOP,
    ...['set-cookie', 'access-control-allow-origin', 'access-control-allow-credentials', 'clear-site-data'],
    ...[
      'strict-transport-security',
      'alt-svc',
      'service-worker-allowed',
      'public-key-pins',
      'nel',
      'report-to',
    ],
    ...[
      'refresh',
      'www-authenticate',
      'x-accel-redirect',
      'x-sendfile',
      'content-security-policy-report-only',
    ],
    ...['x-frame-options', 'referrer-policy', 'permissions-policy', 'cross-origin-opener-policy'],
  ])('is never the upstream’s %s', (name) => {
    expect(responseHeaders({ [name]: 'upstream' })).not.toHaveProperty(name);
  });

  it.each([
    'etag',
    'content-range',
    'accept-ranges',
    'content-encoding',
    'cache-control',
    'content-type',
    'vary',
  ])('is the upstream’s %s as it was', (name) =>
    expect(responseHeaders({ [name]: 'upstream' })).toHaveProperty(name, 'upstream'),
  );

  it('never runs under the gateway’s origin, nor stays in a shared cache unasked', () => {
    fc.assert(
      fc.property(fields, (upstream) => {
        const shown = responseHeaders({ ...upstream, 'content-security-policy': 'script-src *' });
        expect(shown['content-security-policy']).toBe("sandbox; frame-ancestors 'none'");
        expect(shown['x-content-type-options']).toBe('nosniff');
        expect(shown['cache-control']).toBe(upstream['cache-control'] ?? 'private');
      }),
    );
  });

  it('varies by what the gateway says and by what the upstream says, each name once', () => {
    expect(responseHeaders({ vary: 'Accept, origin' }, 'Origin')).toHaveProperty('vary', 'Origin, Accept');
    expect(responseHeaders({ vary: '*' }, 'Origin')).toHaveProperty('vary', 'Origin, *');
    expect(responseHeaders({}, 'Origin')).not.toHaveProperty('vary');
    fc.assert(
      fc.property(fc.array(token), fc.array(token, { minLength: 1 }), (theirs, ours) => {
        const { vary } = responseHeaders({ vary: theirs.join(',') }, ours);
        const names = String(vary).split(', ');
        expect(new Set(names)).toEqual(new Set([...ours, ...theirs]));
        expect(new Set(names).size).toBe(names.length);
      }),
    );
  });

  it('is never what the upstream’s Connection names', () => {
    fc.assert(
      fc.property(fields, token, (upstream, named) => {
        const added = [
          'content-security-policy',
          'x-content-type-options',
          'cross-origin-resource-policy',
          'cache-control',
        ];
        fc.pre(!added.includes(named));
        const shown = responseHeaders({
          ...upstream,
          [named]: 'x',
          connection: `close, ${mixedCase(named)}`,
        });
        expect(shown).not.toHaveProperty(named);
      }),
    );
  });
});

function asPairs(list: readonly string[]): [string, string][] {
  return list.flatMap((name, index) => (index % 2 === 0 ? [[name, list[index + 1]!]] : []));
}
