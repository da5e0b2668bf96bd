import { eventually } from '@gw/kernel/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { type SocketClient } from '../support/socket-client.js';
import { type Stack, startStack } from '../support/stack.js';

const VOICE = '/workspace/v3/voice';
const WORKSPACE_ONLY = { channels: [{ api: 'workspace', channel: VOICE }] };
const BUFFER_BYTES = 65_536;
const FLOOD = 400;
/** Far more than the kernel keeps of a connection on loopback. */
const PADDING = 'x'.repeat(65_536);
const IN_A_BATCH = 20;
const SLOW_WITHIN_MS = 30_000;

interface WebSocket {
  pause(): void;
  resume(): void;
}

interface Details {
  readonly context?: { readonly code?: number; readonly reason?: string };
}

describe('a client that stops reading under a flood', () => {
  let stack: Stack;
  afterEach(() => stack.close());

  const publish = (first: number, count: number, pad: string) => {
    const numbers = Array.from({ length: count }, (_, n) => ({ n: first + n, pad }));
    stack.simulator.control.publishMany('anna', 'workspace', VOICE, numbers);
  };
  const numbersOf = (client: SocketClient) => client.dataOn(VOICE).map((data) => (data as { n: number }).n);
  /** The connection under the Socket.IO client. */
  const webSocketOf = ({ socket }: SocketClient) =>
    (socket.io.engine.transport as unknown as { ws: WebSocket }).ws;

  it('is disconnected, holds nobody up, and recovers by its cursor without a hole', async () => {
    const environment = { CLIENT_BUFFER_BYTES: String(BUFFER_BYTES), JOURNAL_MAX_LENGTH: '5000' };
    stack = await startStack({ environment });
    const anna = await stack.signIn('anna');
    const [stalled, other] = [anna.openTab(WORKSPACE_ONLY), anna.openTab(WORKSPACE_ONLY)];
    for (const tab of [stalled, other]) await tab.connected('workspace');
    publish(0, 1, '');
    await eventually(() => expect([numbersOf(stalled), numbersOf(other)]).toEqual([[0], [0]]));
    const left: [string, Details | undefined][] = [];
    stalled.socket.on('disconnect', (reason, details) => left.push([reason, details as Details]));
    webSocketOf(stalled).pause();

    for (let first = 1; first < FLOOD; first += IN_A_BATCH) {
      publish(first, IN_A_BATCH, PADDING);
      // The other is never behind, though the stalled one is.
      await eventually(() => expect(numbersOf(other).at(-1)).toBe(first + IN_A_BATCH - 1), 10_000);
    }
    await eventually(() => expect(stack.log()).toContain('slow_consumer'), SLOW_WITHIN_MS);

    // What was on its way arrives, and then the reason.
    webSocketOf(stalled).resume();
    await eventually(() => expect(left).toHaveLength(1), 10_000);
    expect(left).toMatchObject([['transport close', { context: { code: 4008, reason: 'slow_consumer' } }]]);
    const before = numbersOf(stalled);
    expect(before.length).toBeLessThan(numbersOf(other).length);

    const back = anna.openTab({ ...WORKSPACE_ONLY, after: stalled.cursor });
    expect(await back.ready()).toMatchObject({ recovered: true });
    publish(FLOOD + 1, 1, '');
    await eventually(() => expect(numbersOf(back).at(-1)).toBe(FLOOD + 1), 10_000);
    expect([...before, ...numbersOf(back)]).toEqual(numbersOf(other));
    expect([...stalled.gaps, ...back.gaps, ...other.gaps]).toEqual([]);
  });

  it('may take its time as long as it takes something', async () => {
    const environment = { CLIENT_BUFFER_BYTES: String(BUFFER_BYTES), JOURNAL_MAX_LENGTH: '5000' };
    stack = await startStack({ environment });
    const anna = await stack.signIn('anna');
    const slow = anna.openTab(WORKSPACE_ONLY);
    await slow.connected('workspace');
    const webSocket = webSocketOf(slow);
    const pausing = setInterval(() => {
      webSocket.pause();
      setTimeout(() => webSocket.resume(), 30);
    }, 60);
    try {
      for (let first = 0; first < FLOOD; first += IN_A_BATCH) publish(first, IN_A_BATCH, PADDING);
      await eventually(() => expect(numbersOf(slow).at(-1)).toBe(FLOOD - 1), SLOW_WITHIN_MS);
    } finally {
      clearInterval(pausing);
    }
    expect(numbersOf(slow)).toEqual(Array.from({ length: FLOOD }, (_, n) => n));
    expect(stack.log()).not.toContain('slow_consumer');
    expect(slow.gaps).toEqual([]);
  });
});
