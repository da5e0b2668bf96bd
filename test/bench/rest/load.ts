// Process: asks one URL again and again.
import { Agent, get } from 'node:http';
import autocannon from 'autocannon';
import { percentile } from '../measuring/distribution.js';
import { nowMs, pause } from '../measuring/now.js';
import { ready, serve } from '../measuring/serve.js';

interface LoadRequest {
  readonly url: string;
  readonly cookie?: string | undefined;
  readonly seconds: number;
}

export interface LoadResult {
  readonly requests: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** As many requests as 64 connections get answered. */
async function saturate({ url, cookie, seconds }: LoadRequest): Promise<LoadResult> {
  const headers = cookie === undefined ? {} : { cookie };
  const result = await autocannon({ url, headers, connections: 64, duration: seconds });
  const failures = result.errors + result.timeouts + result.non2xx;
  if (failures > 0) throw new Error(`${failures} of the requests to ${url} failed`);
  const requests = result['2xx'];
  return {
    requests,
    perSecond: requests / result.duration,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
  };
}

/** One request after the other over one connection; by hand, because it takes less than a millisecond. */
async function oneByOne({ url, cookie, seconds }: LoadRequest): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const start = nowMs();
  const tookMs: number[] = [];
  for (let now = start; now < start + seconds * 1_000;) {
    await fetchWith(agent, url, cookie);
    const after = nowMs();
    tookMs.push(after - now);
    now = after;
  }
  agent.destroy();
  return {
    requests: tookMs.length,
    perSecond: tookMs.length / seconds,
    p50Ms: percentile(tookMs, 0.5),
    p99Ms: percentile(tookMs, 0.99),
  };
}

function fetchWith(agent: Agent, url: string, cookie: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = cookie === undefined ? {} : { cookie };
    get(url, { agent, headers }, (response) => {
      response.once('end', () => {
        if (response.statusCode === 200) resolve();
        else reject(new Error(`${url} answered ${response.statusCode}`));
      });
      response.resume();
    }).once('error', reject);
  });
}

interface HoldRequest {
  readonly url: string;
  readonly cookie: string;
  readonly count: number;
}

const held = new Agent({ maxSockets: Infinity });

/** Asks so many times for what never comes. Resolves with how many were refused, when no more are within a second. */
async function hold({ url, cookie, count }: HoldRequest): Promise<number> {
  let refused = 0;
  for (let request = 0; request < count; request += 1) {
    get(url, { agent: held, headers: { cookie } }, (response) => {
      if (response.statusCode === 429) refused += 1;
      response.resume();
    }).on('error', () => {});
  }
  for (let before = -1; before !== refused || refused === 0;) {
    before = refused;
    await pause(1_000);
  }
  return refused;
}

function letGo(): void {
  held.destroy();
}

const commands = { saturate, oneByOne, hold, letGo };
export type Load = typeof commands;

serve(commands);
ready();
