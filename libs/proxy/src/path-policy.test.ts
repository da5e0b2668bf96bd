import { engageProfile } from '@gw/upstream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PathPolicy } from './path-policy.js';

const policy = new PathPolicy(engageProfile);
const BASE = '/workspace/v3';

describe('a path beneath a base path of the profile', () => {
  it.each([
    ['/workspace/v3/voice/ready', 'workspace', ''],
    ['/statistics/v3/subscriptions', 'statistics', '?verbose=INFO'],
    ['/provisioning/v3/operations/get-users', 'provisioning', '?_aioId=1&x=/../;%2f'],
    ['/workspace/v3/contacts/a%20b/%E2%82%AC', 'workspace', ''],
    ['/workspace/v3/files/report..pdf', 'workspace', '?'],
    ['/workspace/v3/files/.hidden/...', 'workspace', ''],
    ['/workspace/v3/voice/', 'workspace', ''],
    ['/workspace/v3/notifications-settings', 'workspace', ''],
    ['/workspace/v3/media/logout', 'workspace', ''],
  ])('%s is allowed as it is spelt', (path, api, search) => {
    expect(policy.decide(path + search)).toEqual({ kind: 'allowed', api, path, search });
  });

  it('is sent in the client’s own spelling, whatever plain segments it has', () => {
    const segment = fc.stringMatching(/^[A-Za-z0-9_~-]{1,12}$/).map((text) => `x${text}`);
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 6 }), (segments) => {
        const path = `${BASE}/${segments.join('/')}`;
        expect(policy.decide(path)).toEqual({ kind: 'allowed', api: 'workspace', path, search: '' });
      }),
    );
  });
});

describe('an attack', () => {
  it.each([
    ['/workspace/v3/../../auth/v3/oauth/token', 'dot-segment'],
    ['/workspace/v3/..', 'dot-segment'],
    ['/workspace/v3/./voice', 'dot-segment'],
    ['/workspace/v3/%2e%2e/%2E%2e/auth', 'dot-segment'],
    ['/workspace/v3/.%2e/x', 'dot-segment'],
    ['/workspace/v3/%2e', 'dot-segment'],
    ['/workspace/v3/x%2f..%2fauth', 'encoded-delimiter'],
    ['/workspace/v3/x%5c..%5cauth', 'encoded-delimiter'],
    ['/workspace/v3/x%00.json', 'encoded-delimiter'],
    ['/workspace/v3/x%0d%0aHost:evil', 'encoded-delimiter'],
    ['/workspace/v3/%252e%252e/auth', 'encoded-delimiter'],
    ['/workspace/v3/x%3bjsessionid=1', 'encoded-delimiter'],
    ['/workspace/v3/notifications%7f', 'encoded-delimiter'],
    ['/workspace/v3/%c0%af..%c0%af', 'invalid-encoding'],
    ['/workspace/v3/%e0%80%af', 'invalid-encoding'],
    ['/workspace/v3/%zz', 'invalid-encoding'],
    ['/workspace/v3/%u002f', 'invalid-encoding'],
    ['/workspace/v3/%', 'invalid-encoding'],
    ['/workspace/v3/..;/auth', 'path-parameter'],
    ['/workspace/v3/notifications;x=1', 'path-parameter'],
    ['/workspace/v3\\..\\auth', 'backslash'],
    ['/workspace/v3//auth', 'empty-segment'],
    ['//evil.example/workspace/v3/x', 'empty-segment'],
    ['/workspace/v3/a b', 'unsafe-character'],
    ['/workspace/v3/a\tb', 'unsafe-character'],
    ['/workspace/v3/ä', 'unsafe-character'],
    ['/workspace/v3/x#/../y', 'unsafe-character'],
    ['/workspace/v3/x?a\r\nHost: evil', 'unsafe-character'],
    ['http://evil.example/workspace/v3/x', 'not-origin-form'],
    ['evil.example:443', 'not-origin-form'],
    ['*', 'not-origin-form'],
    ['', 'not-origin-form'],
    ['?x', 'not-origin-form'],
    ['/', 'not-in-profile'],
    ['/auth/v3/oauth/token', 'not-in-profile'],
    ['/workspace/v30/x', 'not-in-profile'],
    ['/workspace/v3', 'not-in-profile'],
    ['/Workspace/v3/x', 'not-in-profile'],
    ['/works%70ace/v3/x', 'not-in-profile'],
    ['/workspace/v3/notifications', 'reserved-path'],
    ['/workspace/v3/notifications/', 'reserved-path'],
    ['/workspace/v3/notifications/connect?x', 'reserved-path'],
    ['/workspace/v3/NOTIFICATIONS/handshake', 'reserved-path'],
    ['/workspace/v3/%6eotifications', 'reserved-path'],
    ['/workspace/v3/initialize-workspace', 'reserved-path'],
    ['/workspace/v3/Initialize-Workspace/', 'reserved-path'],
    ['/provisioning/v3/initialize-provisioning?code=1', 'reserved-path'],
    ['/workspace/v3/logout', 'reserved-path'],
    ['/statistics/v3/logout', 'reserved-path'],
    ['/workspace/v3/login?redirect_uri=https://evil.example', 'reserved-path'],
    ['/workspace/v3/oauth/token', 'reserved-path'],
    ['/workspace/v3/oauth', 'reserved-path'],
    ['/workspace/v3/security/exchange-token', 'reserved-path'],
  ])('%s is refused: %s', (target, reason) => {
    expect(policy.decide(target)).toEqual({ kind: 'refused', code: 'route_not_allowed', reason });
  });

  it('never leaves its API nor reaches a reserved path, however a lenient server reads it', () => {
    const part = fc.constantFrom(
      ...['/', '.', '..', '%2e', '%2F', '%5C', '\\', '%25', '%252e', ';', '?', '#', '%00', '%c0%ae'],
      ...[
        'notifications',
        'NOTIFICATIONS',
        '%6Eotifications',
        'logout',
        'voice',
        'x',
        'initialize-workspace',
      ],
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const decision = policy.decide(`${BASE}/${parts.join('')}`);
        if (decision.kind === 'refused') return;
        const read = lenientlyRead(decision.path);
        expect(read.startsWith(`${BASE}/`)).toBe(true);
        expect(read).not.toMatch(/^\/workspace\/v3\/(notifications|logout|initialize-workspace)(\/|$)/);
      }),
      { numRuns: 5_000 },
    );
  });

  it('never makes the policy throw', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (target) => {
        expect(['allowed', 'refused']).toContain(policy.decide(target).kind);
      }),
    );
  });
});

it('reserves an API’s endpoints also beneath another API’s base path', () => {
  const [workspace] = engageProfile.apis;
  const stray = { ...workspace!, basePath: '/other/v1' };
  const both = new PathPolicy({ apis: [{ ...workspace!, cometd: undefined }, stray] });
  expect(both.decide('/workspace/v3/notifications/connect')).toMatchObject({ reason: 'reserved-path' });
});

/** Decodes twice, takes `\` for `/`, drops parameters, empty and dot segments, and ignores case. */
function lenientlyRead(path: string): string {
  const read: string[] = [];
  for (const raw of decodeTwice(path).replaceAll('\\', '/').split('/')) {
    const segment = raw.replace(/;.*$/, '');
    if (segment === '..') read.pop();
    else if (segment !== '' && segment !== '.') read.push(segment);
  }
  return `/${read.join('/')}${path.endsWith('/') ? '/' : ''}`.toLowerCase();
}

function decodeTwice(path: string): string {
  const once = (text: string) =>
    text.replace(/%([0-9a-f]{2})/gi, (_escape, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return once(once(path));
}
