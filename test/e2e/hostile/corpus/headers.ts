import { type Attack, attack, attacks, MARK, type Message, POST_LINE, text, type Victim } from './attack.js';

const withField = (field: string): Message => ({ fields: [field] });

const CREDENTIALS = [
  ...[
    'Cookie2: $Version=1',
    `Proxy-Authorization: Basic ${MARK}`,
    `X-Api-Key: ${MARK}`,
    `x-API-key: ${MARK}`,
  ],
  ...[`Cookie: UPSTREAM_SESSION=${MARK}`, `Cookie: JSESSIONID=${MARK}; BAYEUX_BROWSER=${MARK}`],
  ...[`cookie: __proto__=${MARK}`, `COOKIE: a="${MARK}; b"`, `Cookie: ${'x=1; '.repeat(500)}${MARK}=1`],
];

const AUTHORIZATIONS = [
  ...[`Authorization: Bearer ${MARK}`, `authorization: bearer ${MARK}`, `AUTHORIZATION: Basic ${MARK}`],
  ...[`Authorization: ${MARK}`, `Authorization: Negotiate ${MARK}`, `Authorization: Bearer  ${MARK} x`],
  ...['Authorization:', 'Authorization: Bearer', `Authorization: Digest username="${MARK}"`],
];

/** What tells of the way to the gateway, or would replace what the gateway has judged. */
const ABOUT_THE_WAY = [
  ...['X-Forwarded-For', 'X-Forwarded-Host', 'X-Forwarded-Proto', 'X-Forwarded-Port', 'X-Forwarded-Prefix'],
  ...[
    'X-Forwarded-Server',
    'X-Forwarded-User',
    'X-FORWARDED-FOR',
    'x-forwarded-anything',
    'Forwarded',
    'Via',
  ],
  ...['X-Real-IP', 'X-Client-IP', 'X-Cluster-Client-IP', 'True-Client-IP', 'CF-Connecting-IP'],
  ...['X-Original-URL', 'X-Original-URI', 'X-Rewrite-URL', 'X-HTTP-Method', 'X-HTTP-Method-Override'],
  ...['X-Method-Override', 'Referer', 'X-Request-Id', 'Sec-Fetch-Dest', 'Sec-GPC', 'Proxy-Anything'],
];

const HOP_BY_HOP = [
  ...['Keep-Alive', 'TE', 'Trailer', 'Proxy-Connection', 'HTTP2-Settings', 'Proxy-Authenticate'],
];

/** Names that a Connection field can list to have a proxy drop them: its own credentials among them. */
const NAMED_IN_CONNECTION = [
  ...['authorization', 'Authorization, Cookie', 'cookie', 'x-api-key', 'host', 'content-type', 'accept'],
  ...[
    'content-length',
    'transfer-encoding',
    'x-request-id',
    ',,,',
    ' , close',
    'upgrade',
    'keep-alive, close',
  ],
  ...['__proto__', 'constructor', '"quoted"', `${'x, '.repeat(1_000)}x`],
];

const OF_OBJECTS = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '__defineGetter__',
  'then',
];

/** Field lines that no server may take (RFC 9112 §5, RFC 9110 §5.5). */
const MALFORMED = [
  ...[
    'No colon here',
    ': no name',
    ' X-Leading: space',
    '\tX-Leading: tab',
    'X Space: inside',
    'X-Space : before',
  ],
  ...[
    'X-Nul: a\x00b',
    'X-Bell: a\x07b',
    'X-Cr: a\rb',
    'X-Del: a\x7fb',
    'X-N\x00l: a',
    'X-Br(ket: a',
    'X-"q": a',
  ],
  ...[
    'X-\xe9: a',
    'X-Fold: a\r\n b',
    'X-Fold: a\r\n\tb',
    `Cookie : session=${MARK}`,
    `Host : ${MARK}.example`,
  ],
];

const HOSTS = ['', ' ', 'evil.example', 'localhost:1', '127.0.0.1', '[::1]', `${MARK}.example`, 'a, b'];

const REFUSED_ORIGINS: readonly ((victim: Victim) => string)[] = [
  () => 'null',
  () => '',
  () => 'http://evil.example',
  ({ origin }) => `${origin}.evil.example`,
  ({ origin }) => `${origin}/`,
  ({ origin }) => `${origin}, ${origin}`,
  ({ origin }) => origin.toUpperCase(),
  ({ origin }) => origin.replace('http:', 'https:'),
  ({ origin }) => origin.replace(/:\d+$/, ''),
  ({ origin }) => origin.replace('localhost', 'localhost.'),
  ({ origin }) => origin.replace('localhost', 'evil@localhost'),
];

/** A request that changes something, without what shows that a page of ours made it. */
const FORGED: readonly Message[] = [
  { without: ['x-csrf'] },
  { without: ['x-csrf'], fields: ['X-CSRF: 0'] },
  { without: ['x-csrf'], fields: ['X-CSRF: true'] },
  { without: ['x-csrf'], fields: ['X-CSRF:'] },
  { without: ['x-csrf'], fields: ['X-CSRF: 1', 'X-CSRF: 1'] },
  { without: ['x-csrf'], fields: ['X-CSRF: 1, 1'] },
  { without: ['x-csrf'], fields: ['X_CSRF: 1'] },
  { without: ['origin'] },
  { without: ['origin'], fields: ['Sec-Fetch-Site: cross-site'] },
  { without: ['origin'], fields: ['Sec-Fetch-Site: same-site'] },
  { without: ['origin'], fields: ['Sec-Fetch-Site: none'] },
  { without: ['origin'], fields: ['Sec-Fetch-Site: same-origin, cross-site'] },
];

const post = (message: Message): Message => ({
  line: POST_LINE,
  ...message,
  fields: [...(message.fields ?? []), 'Content-Length: 0'],
});

export const headerAttacks: readonly Attack[] = [
  ...attacks(1, CREDENTIALS, withField),
  ...attacks('maybe', AUTHORIZATIONS, withField),
  ...attacks('maybe', AUTHORIZATIONS.slice(0, 3), (field) => ({ fields: [field, field] })),
  attack('a cookie of nobody', 0, { without: ['cookie'], fields: ['Cookie: session=guessed'] }),
  attack('no cookie', 0, { without: ['cookie'] }),
  attack('an empty cookie', 0, { without: ['cookie'], fields: ['Cookie: session='] }),
  attack('a bearer of nobody', 0, { without: ['cookie'], fields: [`Authorization: Bearer ${MARK}`] }),
  // Nobody can tell which is the person's, and so neither is taken.
  ...[`session=${MARK}; $`, `$; session=${MARK}`, `session="${MARK}"; $`, `session=; $`].map(
    (planted): Attack => ({
      name: `a planted cookie: ${planted}`,
      arrives: 0,
      bytes: (victim) =>
        text(victim, {
          without: ['cookie'],
          fields: [`Cookie: ${planted.replace('$', victim.cookie)}`],
        }),
    }),
  ),
  ...attacks(1, ABOUT_THE_WAY, (name) => withField(`${name}: ${MARK}`)),
  ...attacks(1, HOP_BY_HOP, (name) => withField(`${name}: ${MARK}`)),
  ...attacks(1, NAMED_IN_CONNECTION, (names) => ({
    line: POST_LINE,
    without: ['connection'],
    fields: [`Connection: close, ${names}`, 'Content-Length: 4'],
    body: 'body',
  })),
  attack('a field that Connection names', 1, {
    without: ['connection'],
    fields: ['Connection: close, X-Secret', `X-Secret: ${MARK}`],
  }),
  attack('a field that a second Connection names', 1, {
    fields: ['Connection: X-Secret', `x-secret: ${MARK}`, `X-SECRET: ${MARK}`],
  }),
  ...attacks(1, OF_OBJECTS, (name) => withField(`${name}: 1`)),
  ...attacks(0, MALFORMED, withField),
  ...attacks('maybe', HOSTS, (host) => ({ without: ['host'], fields: [`Host: ${host}`] })),
  attack('no Host', 0, { without: ['host'] }),
  attack('two Hosts', 'maybe', withField(`Host: ${MARK}.example`)),
  attack('Expect: 100-continue', 1, {
    line: POST_LINE,
    fields: ['Expect: 100-continue', 'Content-Length: 4'],
    body: 'body',
  }),
  attack('Expect: what nobody can', 0, withField(`Expect: ${MARK}`)),
  attack('a field of 20,000 characters', 0, withField(`X-Long: ${'x'.repeat(20_000)}`)),
  attack('a name of 20,000 characters', 0, withField(`${'x'.repeat(20_000)}: 1`)),
  attack('1,500 fields', 1, { fields: Array.from({ length: 1_500 }, (_, index) => `x${index}:1`) }),
  attack('300 fields of one name', 1, { fields: Array.from({ length: 300 }, () => 'x-many: 1') }),
  attack('a value of bytes beyond ASCII', 1, withField('X-Bytes: \xe9\xff\x80')),
  ...REFUSED_ORIGINS.map((origin, index): Attack => {
    const message = (victim: Victim) => post({ without: ['origin'], fields: [`Origin: ${origin(victim)}`] });
    return {
      name: `an origin that is not ours, ${index + 1}`,
      arrives: 0,
      bytes: (victim) => text(victim, message(victim)),
    };
  }),
  ...FORGED.map((message, index) => attack(`a forged request, ${index + 1}`, 0, post(message))),
];
