import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

const DEADLINE_MS = 10_000;

/** The head of a WebSocket handshake at Socket.IO (RFC 6455 §4.1). */
export function webSocketHead(host: string, fields: Readonly<Record<string, string>>): string {
  const lines = {
    Host: host,
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
    ...fields,
  };
  const head = Object.entries(lines).map(([name, value]) => `${name}: ${value}`);
  return ['GET /socket.io/?EIO=4&transport=websocket HTTP/1.1', ...head, '', ''].join('\r\n');
}

export const TEXT = 0x1;
export const BINARY = 0x2;

/** One whole frame as clients send it, masked (RFC 6455 §5.2). `firstByte`: FIN, reserved bits and opcode. */
export function clientFrame(payload: Buffer, firstByte = 0x80 | TEXT): Buffer {
  const { length } = payload;
  const size = length < 126 ? Buffer.from([length]) : extendedSize(length);
  size[0]! |= 0x80;
  const mask = randomBytes(4);
  const masked = payload.map((byte, index) => byte ^ mask[index % 4]!);
  return Buffer.concat([Buffer.from([firstByte]), size, mask, masked]);
}

function extendedSize(length: number): Buffer {
  if (length <= 0xffff) {
    const size = Buffer.from([126, 0, 0]);
    size.writeUInt16BE(length, 1);
    return size;
  }
  const size = Buffer.alloc(9, 0);
  size[0] = 127;
  size.writeBigUInt64BE(BigInt(length), 1);
  return size;
}

/** A WebSocket connection of which the test writes every byte. */
export class RawWebSocket {
  /** All that came, latin1. */
  received = '';
  isClosed = false;
  readonly #socket: Socket;

  private constructor(port: number, head: string) {
    this.#socket = connect(port, '127.0.0.1', () => this.#socket.write(head));
    this.#socket.setTimeout(DEADLINE_MS, () => this.#socket.destroy());
    this.#socket.on('data', (bytes) => (this.received += bytes.toString('latin1')));
    // What the server cuts off is closed; `close` follows.
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => (this.isClosed = true));
  }

  /** Resolves when the server has answered the handshake, or closed. */
  static async open(port: number, head: string): Promise<RawWebSocket> {
    const one = new RawWebSocket(port, head);
    await one.until(() => one.received.includes('\r\n\r\n') || one.isClosed);
    return one;
  }

  write(bytes: Buffer): void {
    if (!this.isClosed) this.#socket.write(bytes);
  }

  /** Resolves when `condition` holds, or after a while without it. */
  async until(condition: () => boolean, deadlineMs = 2_000): Promise<boolean> {
    for (let waited = 0; !condition(); waited += 5) {
      if (waited >= deadlineMs) return false;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return true;
  }

  close(): void {
    this.#socket.destroy();
  }
}
