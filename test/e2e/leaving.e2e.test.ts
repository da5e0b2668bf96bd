import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { eventually } from '@gw/kernel/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startStack } from '../support/stack.js';

describe('a gateway that leaves', () => {
  it('waits for no connection on which nothing was asked yet', async () => {
    const stack = await startStack();
    const { port } = new URL(stack.url);
    const socket = connect(Number(port), '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    await once(socket, 'connect');
    // Accepted, too: it is served after the one before it.
    await fetch(`${stack.url}/health/live`);
    await stack.close();
    expect(stack.log()).toContain('gateway has stopped');
    expect(stack.log()).not.toContain('have been cut off');
  });

  it('answers what arrives in the moment in which it closes', async () => {
    const stack = await startStack();
    const { port } = new URL(stack.url);
    const socket = connect(Number(port), '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    await once(socket, 'connect');
    socket.write('GET /health/live HTTP/1.1\r\nHost: gateway\r\n');
    const answer = text(socket);
    const closed = stack.close();
    await eventually(() => expect(fetch(`${stack.url}/health/live`)).rejects.toThrow());
    socket.write('\r\n');
    expect(await answer).toMatch(/^HTTP\/1\.1 200 /u);
    await closed;
  });
});
