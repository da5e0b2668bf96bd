import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { refuseBytes } from './raw-problem.js';

describe('bytes that are no request', () => {
  let server: Server;
  beforeEach(async () => {
    server = createServer({ headersTimeout: 100, connectionsCheckingInterval: 20 }, (_request, response) => {
      response.end();
    });
    server.on('clientError', refuseBytes);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => server.close());

  const answerTo = (bytes: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const { port } = server.address() as AddressInfo;
      let answer = '';
      const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
      socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
      socket.on('error', reject);
      socket.on('close', () => resolve(answer));
    });

  it.each([
    ['no HTTP', 'hello\r\n\r\n', 400, 'bad_request'],
    ['smuggled', 'POST / HTTP/1.1\r\nTransfer-Encoding: x\r\nContent-Length: 1\r\n\r\n', 400, 'bad_request'],
    [
      'too much of a head',
      `GET / HTTP/1.1\r\nx: ${'x'.repeat(20_000)}`,
      431,
      'request_header_fields_too_large',
    ],
    ['too slow', 'GET / HTTP/1.1\r\n', 408, 'request_timeout'],
  ])('are answered with a problem, and the connection ends: %s', async (_what, bytes, status, code) => {
    const [head = '', body = ''] = (await answerTo(bytes)).split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(head).toContain('content-type: application/problem+json');
    expect(head).toContain('connection: close');
    expect(JSON.parse(body)).toMatchObject({ status, code });
  });
});
