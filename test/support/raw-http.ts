import { connect } from 'node:net';
import { type AgentAnswer } from './cookie-agent.js';

const DEADLINE_MS = 5_000;

/**
 * Sends a request as it is written here: HTTP clients normalise targets, and refuse to send what attackers
 * send. `Host` and `Connection: close` are added; the answer is read to the end of the connection.
 */
export async function rawRequest(
  url: string,
  requestLine: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<AgentAnswer> {
  const { host, port } = new URL(url);
  const lines = Object.entries({ host, connection: 'close', ...headers }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  const bytes = await exchange(Number(port), [requestLine, ...lines, '', ''].join('\r\n'));
  return parsed(bytes.toString('utf8'));
}

function exchange(port: number, request: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, '127.0.0.1', () => socket.write(request, 'latin1'));
    socket.setTimeout(DEADLINE_MS, () => socket.destroy(new Error(`no answer to ${request}`)));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('close', () => resolve(Buffer.concat(chunks)));
  });
}

function parsed(answer: string): AgentAnswer {
  const end = answer.indexOf('\r\n\r\n');
  const [statusLine = '', ...lines] = answer.slice(0, end).split('\r\n');
  const pairs = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
  const text = answer.slice(end + 4);
  return {
    status: Number(statusLine.split(' ')[1]),
    headers: new Headers(pairs),
    text,
    json: () => JSON.parse(text) as unknown,
  };
}
