import { readFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BulkUpstream } from '../support/bulk-upstream.js';
import { type Cluster, startCluster } from '../support/cluster.js';
import { type Person } from '../support/person.js';

/** `LARGE_BODY_MB=1024` for the real thing. */
const MEGABYTES = Number(process.env.LARGE_BODY_MB ?? '200');
const BYTES = MEGABYTES * 1024 * 1024;
const CHUNK = Buffer.alloc(64 * 1024, 'x');

/** What streams and the garbage between two collections may take; a body held in memory would be all of `MEGABYTES`. */
const ALLOWED_GROWTH_MB = 120;

describe(`A body of ${MEGABYTES} MB`, () => {
  let upstream: BulkUpstream;
  let cluster: Cluster;
  let anna: Person;
  beforeAll(async () => {
    upstream = await BulkUpstream.start();
    const environment = { ENGAGE_API_URL: upstream.url };
    cluster = await startCluster({ gateways: 1, redis: 'embedded', environment });
    anna = await cluster.signIn('anna');
    // The first request of a process takes more than the others.
    await anna.request('/api/statistics/v3/bytes/1000000');
  });
  afterAll(async () => {
    await cluster.close();
    await upstream.close();
  });

  const residentMb = () => {
    const status = readFileSync(`/proc/${cluster.gateways[0]?.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB/mu.exec(status)?.[1]) / 1024;
  };
  const send = (method: string, path: string, headers: Readonly<Record<string, string | number>> = {}) => {
    const cookie = anna.agent.cookieHeader(cluster.url);
    const asked = request(`${cluster.url}/api/statistics/v3${path}`, {
      method,
      headers: { cookie, origin: cluster.url, 'x-csrf': '1', ...headers },
    });
    const answer = new Promise<IncomingMessage>((resolve, reject) => {
      asked.once('response', resolve).once('error', reject);
    });
    return { asked, answer };
  };
  /** Does `work`, and tells by how much the gateway's memory was ever larger than before, in MB. */
  const growthDuring = async (work: () => Promise<void>) => {
    const before = residentMb();
    let peak = before;
    const watch = setInterval(() => (peak = Math.max(peak, residentMb())), 20);
    await work().finally(() => clearInterval(watch));
    return { before, peak };
  };
  const expectFlat = (what: string, { before, peak }: { before: number; peak: number }) => {
    console.info(
      `${what} of ${MEGABYTES} MB: RSS ${before.toFixed(0)} MB before, ${peak.toFixed(0)} MB at most`,
    );
    expect(peak - before).toBeLessThan(ALLOWED_GROWTH_MB);
  };

  it('is downloaded through the gateway in constant memory', async () => {
    const growth = await growthDuring(async () => {
      const { asked, answer } = send('GET', `/bytes/${BYTES}`);
      asked.end();
      expect(await lengthOf(await answer)).toBe(BYTES);
    });
    expectFlat('Download', growth);
  });

  it.each([
    ['of known length', { 'content-length': BYTES }],
    ['in chunks', { 'transfer-encoding': 'chunked' }],
    ['as multipart', { 'content-length': BYTES, 'content-type': 'multipart/form-data; boundary=b' }],
  ])('is uploaded %s in constant memory', async (form, headers) => {
    const growth = await growthDuring(async () => {
      const { asked, answer } = send('POST', '/upload', headers);
      await pipeline(Readable.from(chunks(), { objectMode: false }), asked);
      const text = Buffer.concat((await (await answer).toArray()) as Buffer[]).toString();
      expect(JSON.parse(text)).toEqual({ method: 'POST', length: BYTES });
    });
    expectFlat(`Upload ${form}`, growth);
  });
});

function* chunks(): Generator<Buffer> {
  for (let given = 0; given < BYTES; given += CHUNK.length) yield CHUNK;
}

async function lengthOf(stream: Readable): Promise<number> {
  let length = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) length += chunk.length;
  return length;
}
