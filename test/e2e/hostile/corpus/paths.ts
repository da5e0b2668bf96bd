import { type Attack, attack, attacks } from './attack.js';

/** Ways to write "the segment above", for servers that decode, trim or translate before they look. */
const UPWARDS = [
  ...['..', '%2e%2e', '%2E%2E', '.%2e', '%2E.', '%252e%252e', '%25252e%25252e', '..%252f'],
  ...['%c0%ae%c0%ae', '%C0%AE.', '%e0%80%ae%e0%80%ae', '%f0%80%80%ae.', '%u002e%u002e', '%uff0e%uff0e'],
  ...['..;', '..;x=1', '%2e%2e;', '..%3b', '..%00', '..%01', '..%09', '..%0a', '..%0d%0a', '..%7f'],
  ...['..\\', '..%5c', '..%5C', '%2e%2e%5c', '..%255c', '..%c1%9c'],
  ...['..%2f', '..%2F', '%2e%2e%2f', '..%c0%af', '..%e0%80%af', '..%25c0%25af'],
];

/** Where they would lead. */
const ESCAPES: readonly ((up: string) => string)[] = [
  (up) => `/api/workspace/v3/${up}/${up}/auth/v3/userinfo`,
  (up) => `/api/${up}/workspace/v3/me`,
  (up) => `/api/workspace/v3/x/${up}/notifications/connect`,
];

/** Of the profile: the gateway's own doings, and what the profile refuses. */
const RESERVED = [
  ...['workspace/v3/notifications', 'workspace/v3/notifications/handshake', 'statistics/v3/notifications'],
  ...['workspace/v3/initialize-workspace', 'provisioning/v3/initialize-provisioning'],
  ...['workspace/v3/logout', 'workspace/v3/login', 'workspace/v3/oauth/token', 'workspace/v3/security/x'],
];

const LAST = /[^/]+$/;

/** Other spellings of a reserved path. */
const SPELLINGS: readonly ((path: string) => string)[] = [
  (path) => path,
  (path) => path.replace(LAST, (name) => name.toUpperCase()),
  (path) => `${path}/`,
  (path) => `${path}?x=1`,
  (path) => `${path};v=1`,
  (path) => path.replace(LAST, (name) => `%${name.charCodeAt(0).toString(16)}${name.slice(1)}`),
  (path) => path.replace(LAST, '/$&'),
  (path) => path.replace(LAST, './$&'),
];

const get = (target: string) => ({ line: `GET ${target} HTTP/1.1` });
const post = (target: string) => ({ line: `POST ${target} HTTP/1.1`, fields: ['Content-Length: 0'] });

const OUTSIDE = [
  ...['/api', '/api/', '/api//', '/api/.', '/api/..', '/api/../', '/api/elsewhere', '/api/*'],
  ...['/api/auth/v3/userinfo', '/api/auth/v3/oauth/token', '/api/auth/v3/sign-out', '/api/control/faults'],
  ...[
    '/api/workspace',
    '/api/workspace/',
    '/api/workspace/v3',
    '/api/workspace/v2/me',
    '/api/workspace/v30/me',
  ],
  ...['/api/workspacev3/me', '/api/WORKSPACE/v3/me', '/api/workspace/V3/me', '/api/%77orkspace/v3/me'],
  ...['/api/workspace%2fv3/me', '/api/workspace/v3%2fme', '/api%2fworkspace/v3/me', '/api/workspace\\v3\\me'],
  ...['/api//workspace/v3/me', '/api///workspace/v3/me', '/api/workspace//v3/me', '/api/workspace/v3//me'],
  ...[
    '/api/workspace/v3/./me',
    '/api/workspace/v3/%2e/me',
    '/api/workspace/v3/me/.',
    '/api/workspace/v3/me/%2E',
  ],
  ...['/api/@evil.example/workspace/v3/me', '/api/http://evil.example/workspace/v3/me'],
  ...['/api/http:/evil.example/workspace/v3/me', '/api/:80/workspace/v3/me', '/api/.evil.example/v3/me'],
  ...['/api?/workspace/v3/me', '/api/?/workspace/v3/me', '/api;/workspace/v3/me', '/api;x/workspace/v3/me'],
  ...['/API/workspace/v3/me', '/Api/workspace/v3/me', '/%61pi/workspace/v3/me', '/ap%69/workspace/v3/me'],
  ...[
    '//api/workspace/v3/me',
    '/./api/workspace/v3/me',
    '/x/../api/workspace/v3/me',
    '/\\api/workspace/v3/me',
  ],
  ...['/socket.io/../api/workspace/v3/me', '/auth/%2e%2e/api/workspace/v3/me', '/workspace/v3/me'],
];

/** A path that is right but for one character or escape in its last segment. */
const ODD_CHARACTERS = [
  ...['%00', 'me%00', 'me%00.json', '%01', '%09', '%0a', '%0d', '%0d%0aX-Injected:%201', '%1f', '%7f'],
  ...[
    '%',
    '%2',
    '%zz',
    'me%',
    '%u0041',
    '%%32%65',
    '%c0%80',
    '%ff',
    '%fe%ff',
    '%ed%a0%80',
    '%f8%88%80%80%80',
  ],
  ...['me;x', 'me;jsessionid=1', ';', 'me%3bx', 'me%3Bx', 'me%2fx', 'me%2Fx', 'me%5cx', 'me\\x', 'me%25'],
  ...['me#x', '#', 'me\x01', 'me\x0b', 'me\x7f', 'me\t', 'm\xe9', '\xc0\xae\xc0\xae', 'me\xff', 'me\x00'],
];

/** Forms of a request target that are no path (RFC 9112 §3.2). */
const OTHER_FORMS = [
  ...[
    'http://evil.example/api/workspace/v3/me',
    'https://evil.example/api/workspace/v3/me',
    'HTTP://EVIL.EXAMPLE/api/workspace/v3/me',
  ],
  ...[
    'http://localhost/api/workspace/v3/me',
    'http://user:pw@localhost/api/workspace/v3/me',
    'http:///api/workspace/v3/me',
  ],
  ...['file:///etc/passwd', 'ftp://evil.example/x', 'http:/api/workspace/v3/me', 'http:api/workspace/v3/me'],
  ...[
    'api/workspace/v3/me',
    '*',
    'evil.example:443',
    '?/api/workspace/v3/me',
    '#/api/workspace/v3/me',
    '@/api',
  ],
];

export const pathAttacks: readonly Attack[] = [
  ...ESCAPES.flatMap((escape) => attacks(0, UPWARDS.map(escape), get)),
  ...SPELLINGS.flatMap((spelling) =>
    attacks(
      0,
      RESERVED.map((path) => `/api/${spelling(path)}`),
      post,
    ),
  ),
  ...attacks(0, OUTSIDE, get),
  ...attacks(
    0,
    ODD_CHARACTERS.map((odd) => `/api/workspace/v3/${odd}`),
    get,
  ),
  ...attacks(0, OTHER_FORMS, get),
  attack('a path of 20,000 characters', 0, get(`/api/workspace/v3/${'x'.repeat(20_000)}`)),
  attack('2,000 segments upwards', 0, get(`/api/workspace/v3/${'../'.repeat(2_000)}auth/v3/userinfo`)),
  ...attacks(
    1,
    // What stands in a query is data, whatever it would mean in a path.
    [
      '?x=../../auth/v3/userinfo',
      '?x=%00',
      '?x=%0d%0aX-Injected:%201',
      '?_method=DELETE',
      '?/../x',
      '??',
      '?a=1&a=2',
    ],
    (query) => get(`/api/workspace/v3/me${query}`),
  ),
  ...attacks(0, ['?x=\x01', '?x=\xe9', '?x=#', '?x=\x00'], (query) => get(`/api/workspace/v3/me${query}`)),
];
