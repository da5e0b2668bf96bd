// Process: an upstream that costs next to nothing, because it reads no more of a request than its path.
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { ready, serve } from '../measuring/serve.js';

const KB = 1_024;
const END_OF_HEAD = '\r\n\r\n';
const answers = new Map([
  ['/1k', answer(KB)],
  ['/100k', answer(100 * KB)],
]);

const server = createServer((socket) => {
  let waiting = '';
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    waiting += chunk.toString('latin1');
    for (let end = waiting.indexOf(END_OF_HEAD); end >= 0; end = waiting.indexOf(END_OF_HEAD)) {
      respond(socket, waiting.slice(0, waiting.indexOf('\r\n')));
      waiting = waiting.slice(end + END_OF_HEAD.length);
    }
  });
});

function respond(socket: Socket, requestLine: string): void {
  const path = /\/[^/ ]*(?= HTTP)/.exec(requestLine)?.[0] ?? '';
  if (path === '/stuck') return;
  socket.write(answers.get(path) ?? 'HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n');
}

/** Of a JSON body of so many bytes, with the header fields that an API server sends. */
function answer(bytes: number): Buffer {
  const frame = '{"status":{"code":0},"data":""}';
  const body = frame.replace('""', `"${'x'.repeat(bytes - frame.length)}"`);
  const head = [
    'HTTP/1.1 200 OK',
    'content-type: application/json;charset=UTF-8',
    'cache-control: no-cache, no-store',
    'x-correlation-id: 5a1c9f30-0f3e-4a1f-a1c2-7e0b4e5d1a77',
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  return Buffer.from(`${head.join('\r\n')}${END_OF_HEAD}${body}`);
}

server.listen(0, '127.0.0.1', () => {
  serve({});
  ready(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
