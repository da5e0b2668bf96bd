import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Mutator } from '../../support/mutator.js';
import { startStack, type Stack } from '../../support/stack.js';
import { BINARY, clientFrame, RawWebSocket, TEXT, webSocketHead } from '../../support/web-socket-bytes.js';
import { campaign, finding, inParallel, watchRejections } from './campaign.js';

const WIDTH = 8;
const FRAMES_PER_SOCKET = 10;
const FIN = 0x80;

/** Engine.IO 4 packets, most of them carrying Socket.IO 5 packets. */
const PACKETS = [
  '420["subscribe",{"api":"workspace","channel":"/workspace/v3/voice"}]',
  '421["unsubscribe",{"api":"workspace","channel":"/workspace/v3/voice"}]',
  '422["publish",{"api":"workspace","channel":"/service/x","data":{"__proto__":{"a":1}}}]',
  '40{"token":"abc","after":"1-2","channels":[{"api":"workspace","channel":"/x"}]}',
  ...[
    '42["anything",{}]',
    '423["subscribe"]',
    '451-4["subscribe",{"_placeholder":true,"num":0}]',
    '41',
    '40/admin,{}',
  ],
  ...['3', '2probe', '5', '6', '1', '0{"sid":"x"}', '44{"message":"x"}', '43[1]', '430["ok"]', 'b4AAAA'],
];

/** A frame of a mutated packet; some are no text, no whole message, or no frame at all. */
function frameOf(mutator: Mutator): Buffer {
  const payload = Buffer.from(
    mutator.text(mutator.oneOf(PACKETS)),
    mutator.below(2) === 0 ? 'utf8' : 'latin1',
  );
  switch (mutator.below(16)) {
    case 0:
      return Buffer.from(mutator.bytes(40), 'latin1');
    case 1:
      return clientFrame(payload, mutator.below(256));
    case 2:
      return clientFrame(payload, FIN | BINARY);
    case 3:
      return clientFrame(Buffer.from(mutator.bytes(200), 'latin1'));
    default:
      return clientFrame(payload, FIN | TEXT);
  }
}

describe('random and mutated frames', () => {
  let stack: Stack;
  let rejections: ReturnType<typeof watchRejections>;
  beforeAll(async () => {
    rejections = watchRejections();
    // What is refused at the door is not tried.
    const environment = { LOG_LEVEL: 'info', SOCKET_ADMISSIONS_PER_S: '10000' };
    stack = await startStack({ environment });
  });
  afterAll(async () => {
    await stack.close();
    rejections.stop();
  });

  const frames = campaign('frames');
  it(`make no socket fail but their own (${frames.runs})`, { timeout: frames.timeoutMs }, async () => {
    const { runs, mutator } = frames;
    const anna = await stack.signIn('anna');
    const { host, port } = new URL(stack.url);
    const fields = { Origin: stack.url, Cookie: anna.agent.cookieHeader(stack.url) };
    const honest = anna.openTab();
    await honest.ready();
    let sent = 0;
    const findings: string[] = [];
    await inParallel(Math.ceil(runs / FRAMES_PER_SOCKET), WIDTH, async () => {
      const socket = await RawWebSocket.open(Number(port), webSocketHead(host, fields));
      socket.write(clientFrame(Buffer.from(mutator.below(4) === 0 ? mutator.text('40{}') : '40')));
      const inputs: string[] = [];
      for (let frame = 0; frame < FRAMES_PER_SOCKET; frame += 1) {
        const bytes = frameOf(mutator);
        inputs.push(bytes.toString('base64'));
        socket.write(bytes);
        sent += 1;
      }
      await socket.until(() => socket.isClosed, 50);
      if (/internal_error|HTTP\/1\.1 5/.test(socket.received))
        findings.push(finding(socket.received, inputs.join(' ')));
      socket.close();
    });
    expect(findings).toEqual([]);
    expect(sent).toBeGreaterThanOrEqual(runs);
    expect(rejections.seen).toEqual([]);
    expect(stack.log()).not.toMatch(/"level":(?:50|60)/);
    expect(honest.socket.connected).toBe(true);
    expect(
      await honest.emit('subscribe', { api: 'workspace', channel: '/workspace/v3/voice' }),
    ).toMatchObject({ ok: true });
  });
});
