import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Front, startFront } from '../testing/front.js';
import { UpstreamServer } from '../testing/upstream-server.js';

const REST = '/api/statistics/v3/values';
const CHUNK = Buffer.alloc(64 * 1024, 'x');
const TOTAL_BYTES = 200 * 1024 * 1024;
/** What the buffers of two TCP connections on one machine may hold, and some more. */
const HELD_BYTES = 40 * 1024 * 1024;

let upstream: UpstreamServer;
let front: Front;

beforeEach(async () => {
  upstream = new UpstreamServer();
  front = await startFront(await upstream.start(), 30_000);
});

afterEach(async () => {
  await front.close();
  await upstream.close();
});

describe('a body that the other side does not read', () => {
  it('is taken from the upstream only as far as the client reads, and then in full', async () => {
    const source = new Source();
    upstream.answer = (_request, response) => void pipeline(source.stream, response).catch(() => {});
    const [response] = (await once(send('GET').end(), 'response')) as [IncomingMessage];
    response.pause();
    expect(await source.comesToRest()).toBeLessThan(HELD_BYTES);
    expect(await lengthOf(response)).toBe(TOTAL_BYTES);
  });

  it('is taken from the client only as far as the upstream reads, and then in full', async () => {
    const source = new Source();
    let read = () => {};
    upstream.answerEarly = (raw, response) => {
      read = () => void lengthOf(raw).then((length) => response.end(String(length)));
    };
    const sent = send('POST');
    const answered = once(sent, 'response') as Promise<[IncomingMessage]>;
    const sending = pipeline(source.stream, sent as Writable);
    expect(await source.comesToRest()).toBeLessThan(HELD_BYTES);
    read();
    const [response] = await answered;
    expect(await textOf(response)).toBe(String(TOTAL_BYTES));
    await sending;
  });
});

function send(method: string): ClientRequest {
  return request(`${front.url}${REST}`, { method, agent: false, headers: { 'x-user': 'jane' } });
}

/** As many bytes as are asked for, up to the total. */
class Source {
  #given = 0;
  readonly stream = Readable.from(this.#chunks(), { objectMode: false });

  /** How many bytes were taken by the time that no more are. */
  async comesToRest(): Promise<number> {
    for (let poll = 0; poll < 100; poll += 1) {
      const before = this.#given;
      await wait(200);
      if (before > 0 && this.#given === before) return before;
    }
    throw new Error('It is read without end');
  }

  *#chunks() {
    for (; this.#given < TOTAL_BYTES; this.#given += CHUNK.length) yield CHUNK;
  }
}

async function lengthOf(stream: Readable): Promise<number> {
  let length = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) length += chunk.length;
  return length;
}

async function textOf(stream: Readable): Promise<string> {
  return Buffer.concat((await stream.toArray()) as Buffer[]).toString();
}
