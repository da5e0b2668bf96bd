import {
  type Attack,
  attack,
  attacks,
  MARK,
  type Message,
  POST_LINE,
  SMUGGLED,
  text,
  type Victim,
} from './attack.js';

const HIDDEN = `GET ${SMUGGLED} HTTP/1.1\r\nHost: x\r\n\r\n`;

/** The hidden request as a second one for whoever goes by the other framing. */
const CL_BODY = `0\r\n\r\n${HIDDEN}`;
const CHUNK = (data: string) => `${data.length.toString(16)}\r\n${data}\r\n`;
const CHUNKED_BODY = `${CHUNK(HIDDEN)}0\r\n\r\n`;

const post = (fields: readonly string[], body: string): Message => ({
  line: POST_LINE,
  without: ['connection'],
  fields,
  body,
});
const chunked = (body: string) => post(['Transfer-Encoding: chunked'], body);

/** Transfer codings that some servers take for chunked, and others do not. */
const OBSCURED = [
  ...[
    'xchunked',
    'chunked, identity',
    'identity',
    'identity, chunked',
    'chunked, chunked',
    'chunked;x=1',
    'chunk',
  ],
  ...['chunkedx', '"chunked"', 'chunked\x00', '\x0bchunked', 'chunked, cow', 'gzip', 'deflate', '', ' ', ','],
  ...['gzip, chunked', 'cow, chunked', 'chunked\x0b', '\x00chunked', 'ch\xfcnked'],
];

/** The same in names and lines. */
const OBSCURED_LINES: readonly (readonly string[])[] = [
  ['Transfer-Encoding : chunked'],
  ['Transfer-Encoding\t: chunked'],
  [' Transfer-Encoding: chunked'],
  ['X: x\nTransfer-Encoding: chunked'],
  ['X: x\rTransfer-Encoding: chunked'],
  ['Transfer-Encoding:\r\n chunked'],
  ['Transfer-Encoding: chunked', 'Transfer-Encoding: cow'],
  ['Transfer-Encoding: cow', 'Transfer-Encoding: chunked'],
  ['Transfer-Encoding: identity', 'Transfer-Encoding: chunked'],
  ['transfer-encoding\x00: chunked'],
];

const LENGTHS = [
  ...['+3', '-3', '3.0', '0x3', '3 3', '3,3', '3, 4', '', ' ', 'three', '3\x0b', '\x003', '1e1', '"3"'],
  ...['99999999999999999999999', '18446744073709551616', '3\r\n 4', '\xb3', '3;', 'NaN', '-0'],
];

const CHUNK_SIZES = [
  ...[
    '0x3',
    '+3',
    '-3',
    ' 3',
    '',
    'g',
    '3 4',
    'ffffffffffffffff3',
    '10000000000000000',
    '3\x00',
    '3.0',
    '\x0b3',
  ],
];

/** Without a limit of their own, extensions could be sent for ever (CVE-2024-22019). */
const LONG_EXTENSION = `3;${'x'.repeat(50_000)}\r\nabc\r\n0\r\n\r\n`;

const BROKEN_CHUNKS = [
  ...[
    '3\nabc\n0\n\n',
    '3\r\nabc0\r\n\r\n',
    '3\r\nabcd\r\n0\r\n\r\n',
    '3\r\nab\r\n0\r\n\r\n',
    '3\rabc\r0\r\r',
  ],
  ...[
    '3;a\nb\r\nabc\r\n0\r\n\r\n',
    '3;a\rb\r\nabc\r\n0\r\n\r\n',
    '3;a\x00\r\nabc\r\n0\r\n\r\n',
    '3\r\n\nabc\r\n0\r\n\r\n',
  ],
];

const SOUND_CHUNKS = [
  ...[
    '3;ext=1\r\nabc\r\n0\r\n\r\n',
    '003\r\nabc\r\n0\r\n\r\n',
    '3\r\nabc\r\n000\r\n\r\n',
    '3;a="x"\r\nabc\r\n0;b\r\n\r\n',
  ],
  ...[
    `3\r\nabc\r\n0\r\nCookie: ${MARK}\r\nAuthorization: ${MARK}\r\n\r\n`,
    `3\r\nabc\r\n0\r\nHost: ${MARK}\r\n\r\n`,
  ],
];

/** Refused when the body is on its way already: the upstream may have seen the beginning of it. */
const FRAMING_IN_TRAILER = '3\r\nabc\r\n0\r\nContent-Length: 100\r\nTransfer-Encoding: chunked\r\n\r\n';

/** Bytes that are no HTTP/1.1 at all. */
const OTHER_PROTOCOLS = [
  ...[
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00',
    '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  ],
  ...[
    'SSH-2.0-x\r\n',
    'EHLO evil.example\r\n',
    '*1\r\n$4\r\nPING\r\n',
    '\x00'.repeat(500),
    '\xff\xfe\xfd',
    '{}\n',
  ],
  ...[
    'GET /\r\n\r\n',
    '\n'.repeat(500),
    '\r'.repeat(500),
    'PROXY TCP4 203.0.113.1 203.0.113.2 1 2\r\nGET / HTTP/1.1\r\n\r\n',
  ],
];

const UPGRADES: readonly (readonly string[])[] = [
  ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__'],
  [
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  ],
  ['Connection: Upgrade', 'Upgrade: TLS/1.0'],
  ['Connection: Upgrade', 'Upgrade: h2c, websocket'],
];

const pipelined =
  (...messages: Message[]) =>
  (victim: Victim) =>
    messages.map((message) => text(victim, message)).join('');

const OPEN: Message = { without: ['connection'] };
const HOSTILE: Message = {
  line: 'GET /api/workspace/v3/../../auth/v3/userinfo HTTP/1.1',
  without: ['connection'],
};

const PIPELINES: readonly Attack[] = [
  { name: 'two requests at once', arrives: 2, bytes: pipelined(OPEN, {}) },
  { name: 'twenty requests at once', arrives: 20, bytes: pipelined(...Array<Message>(20).fill(OPEN)) },
  { name: 'a hostile one behind an honest one', arrives: 1, bytes: pipelined(OPEN, HOSTILE) },
  { name: 'an honest one behind a hostile one', arrives: 1, bytes: pipelined(HOSTILE, OPEN) },
  { name: 'one behind the end of the connection', arrives: 'maybe', bytes: pipelined({}, OPEN) },
  {
    name: 'another person’s credentials behind an honest one',
    arrives: 1,
    bytes: pipelined(OPEN, { without: ['cookie'], fields: [`Cookie: session=${MARK}`] }),
  },
  {
    name: 'one behind a body that is not read',
    arrives: 1,
    bytes: pipelined({ ...post(['Content-Length: 4'], 'body'), line: 'POST /auth/session HTTP/1.1' }, {}),
  },
  { name: 'one behind empty lines', arrives: 1, bytes: (victim) => `\r\n\r\n${text(victim, {})}` },
];

export const smugglingAttacks: readonly Attack[] = [
  attack('CL.TE', 0, post([`Content-Length: ${CL_BODY.length}`, 'Transfer-Encoding: chunked'], CL_BODY)),
  attack('TE.CL', 0, post(['Transfer-Encoding: chunked', 'Content-Length: 4'], CHUNKED_BODY)),
  attack('CL.0', 1, { ...post([`Content-Length: ${HIDDEN.length}`], HIDDEN), line: POST_LINE }),
  attack('0.CL: a length behind a field that Connection names', 1, {
    line: POST_LINE,
    without: ['connection'],
    fields: ['Connection: close, Content-Length', `Content-Length: ${HIDDEN.length}`],
    body: HIDDEN,
  }),
  attack(
    'two lengths, different',
    0,
    post([`Content-Length: ${HIDDEN.length}`, 'Content-Length: 0'], HIDDEN),
  ),
  attack(
    'two lengths, different, the other way round',
    0,
    post(['Content-Length: 0', `Content-Length: ${HIDDEN.length}`], HIDDEN),
  ),
  attack('two lengths, alike', 0, post(['Content-Length: 2', 'Content-Length: 2'], '{}')),
  ...attacks(0, OBSCURED, (coding) =>
    post([`Transfer-Encoding: ${coding}`, `Content-Length: ${CL_BODY.length}`], CL_BODY),
  ),
  ...attacks(0, OBSCURED, (coding) => post([`Transfer-Encoding: ${coding}`], CHUNKED_BODY)),
  ...OBSCURED_LINES.map((lines) =>
    attack(JSON.stringify(lines), 0, post([...lines, `Content-Length: ${CL_BODY.length}`], CL_BODY)),
  ),
  ...attacks(0, LENGTHS, (length) => post([`Content-Length: ${length}`], `abc${HIDDEN}`)),
  ...attacks(0, CHUNK_SIZES, (size) => chunked(`${size}\r\nabc\r\n0\r\n\r\n`)),
  ...attacks(0, BROKEN_CHUNKS, chunked),
  attack('a chunk extension of 50,000 characters', 0, chunked(LONG_EXTENSION)),
  ...attacks(1, SOUND_CHUNKS, chunked),
  attack('a framing in the trailer', 'maybe', chunked(FRAMING_IN_TRAILER)),
  attack('HTTP/1.0 with chunks', 0, { ...chunked(CHUNKED_BODY), line: 'POST /api/workspace/v3/me HTTP/1.0' }),
  attack('lines that end with LF alone', 0, { lineEnd: '\n' }),
  attack('lines that end with CR alone', 0, { lineEnd: '\r' }),
  ...attacks(0, OTHER_PROTOCOLS, () => ({})).map((one, index): Attack => ({
    ...one,
    bytes: () => OTHER_PROTOCOLS[index]!,
  })),
  ...UPGRADES.map((fields) => attack(JSON.stringify(fields), 0, { without: ['connection'], fields })),
  ...PIPELINES,
];
