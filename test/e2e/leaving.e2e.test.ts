import { once } from 'node:events';
import { connect } from 'node:net';
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
});
