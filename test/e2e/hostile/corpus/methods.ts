import { type Attack, attack, attacks, MARK } from './attack.js';

/** TRACE would show the client the bearer and the cookies that the upstream was sent (RFC 9110 §9.3.8). */
const REFUSED = [
  ...[
    'TRACE',
    'TRACK',
    'DEBUG',
    'CONNECT',
    'EVIL',
    'get',
    'Get',
    'gEt',
    'post',
    'GETX',
    'GET,POST',
    '"GET"',
    'G\x00T',
  ],
  ...['G T', '-', '0', 'PRI', 'PROPFIND', 'PROPPATCH', 'MKCOL', 'COPY', 'MOVE', 'LOCK', 'UNLOCK', 'SEARCH'],
  ...['PURGE', 'LINK', 'UNLINK', 'BIND', 'REPORT', 'M-SEARCH', 'SOURCE', 'x'.repeat(5_000)],
];

const REQUEST_LINES = [
  ...['GET /api/workspace/v3/me', 'GET\t/api/workspace/v3/me\tHTTP/1.1'],
  ...[
    'GET /api/workspace/v3/me HTTP/1.1 x',
    'GET /api/workspace/v3/me HTTP/2.0',
    'GET /api/workspace/v3/me HTTP/3',
  ],
  ...[
    'GET /api/workspace/v3/me HTTP/0.9',
    'GET /api/workspace/v3/me HTTP/1.2',
    'GET /api/workspace/v3/me HTTP/9.9',
  ],
  ...[
    'GET /api/workspace/v3/me HTTP/11',
    'GET /api/workspace/v3/me HTTP/1.1.1',
    'GET /api/workspace/v3/me http/1.1',
  ],
  ...[
    'GET /api/workspace/v3/me HTTPS/1.1',
    'GET /api/workspace/v3/me HTTP/-1.1',
    'GET /api/workspace/v3/me ICE/1.0',
  ],
  ...[
    ' GET /api/workspace/v3/me HTTP/1.1',
    'GET /api/workspace/v3/me\rHTTP/1.1',
    'GET',
    'HTTP/1.1 200 OK',
    '\x00',
  ],
  ...['GET /api/workspace/v3/me x HTTP/1.1', 'GET /api/workspace/v3/me\x0bHTTP/1.1', ''],
];

const OVERRIDES = ['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override', 'x-http-method-override'];

export const methodAttacks: readonly Attack[] = [
  ...attacks(0, REFUSED, (method) => ({ line: `${method} /api/workspace/v3/me HTTP/1.1` })),
  ...attacks(0, REQUEST_LINES, (line) => ({ line })),
  ...attacks(1, OVERRIDES, (name) => ({ fields: [`${name}: DELETE-${MARK}`] })),
  attack('CONNECT to an address', 0, { line: 'CONNECT 169.254.169.254:80 HTTP/1.1' }),
  attack('TRACE of the gateway itself', 0, { line: 'TRACE /auth/session HTTP/1.1' }),
  attack('OPTIONS *', 0, { line: 'OPTIONS * HTTP/1.1', fields: ['Access-Control-Request-Method: GET'] }),
  attack('two spaces for one', 1, { line: 'GET  /api/workspace/v3/me  HTTP/1.1' }),
  attack('HTTP/1.0', 1, { line: 'GET /api/workspace/v3/me HTTP/1.0' }),
  attack('a GET with a body', 1, { fields: ['Content-Length: 4'], body: 'body' }),
  attack('a DELETE with a body', 1, {
    line: 'DELETE /api/workspace/v3/me HTTP/1.1',
    fields: ['Content-Length: 4'],
    body: 'body',
  }),
];
