import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engageProfile } from '@gw/upstream';
import { BenchProcess } from '../measuring/bench-process.js';
import { freePort } from '../measuring/free-port.js';
import { pause } from '../measuring/now.js';

const MAIN = import.meta.resolve('@gw/gateway').replace(/index\.js$/, 'main.js');
const READY_WITHIN_MS = 30_000;
const ASK_EVERY_MS = 50;

export interface GatewayOptions {
  readonly authUrl: string;
  /** Default: as `authUrl`. */
  readonly apiUrl?: string | undefined;
  /** Default: all APIs of the built-in profile. */
  readonly apis?: readonly string[] | undefined;
  /** Where it has its state; the same for instances of one gateway. Default: embedded. */
  readonly state?: SharedState | undefined;
}

export interface SharedState {
  readonly redisUrl: string;
  readonly prefix: string;
  readonly sessionKeys: string;
}

/** For the instances of one gateway; nothing is in it yet. */
export const newSharedState = (redisUrl: string): SharedState => ({
  redisUrl,
  prefix: `bench-${randomBytes(4).toString('hex')}`,
  sessionKeys: `bench:${randomBytes(32).toString('base64')}`,
});

const RATES = ['login', 'token', 'request', 'address', 'connect', 'connect-address', 'message']
  .map((limit) => `${limit}=999999999/60`)
  .join();

/** A folder of profile files, gone with the benchmark. */
const folder = mkdtempSync(join(tmpdir(), 'gateway-bench-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

/** The built gateway as `npm run start:gateway` starts it. `BENCH_GATEWAY_NODE_OPTIONS`: to profile it. */
export async function startGateway(
  options: GatewayOptions,
): Promise<{ process: BenchProcess<object>; url: string }> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const gateway = new BenchProcess<object>('gateway', new URL(MAIN), {
    place: 'measured',
    environment: environmentOf(options, port, url),
    nodeOptions: (process.env.BENCH_GATEWAY_NODE_OPTIONS ?? '').split(' ').filter(Boolean),
  });
  await untilReady(url);
  return { process: gateway, url };
}

function environmentOf(
  { authUrl, apiUrl = authUrl, apis, state }: GatewayOptions,
  port: number,
  url: string,
): Record<string, string> {
  return {
    PORT: String(port),
    PUBLIC_URL: url,
    ENGAGE_AUTH_URL: authUrl,
    ENGAGE_API_URL: apiUrl,
    LOG_LEVEL: 'warn',
    UPSTREAM_LINGER_MS: '0',
    // Counted as in production, and never reached.
    RATE_LIMITS: RATES,
    ...(apis && { UPSTREAMS_FILE: profileOf(apis) }),
    ...(state && {
      REDIS_URL: state.redisUrl,
      REDIS_PREFIX: state.prefix,
      SESSION_KEYS: state.sessionKeys,
    }),
  };
}

function profileOf(apis: readonly string[]): string {
  const file = join(folder, `${apis.join('-')}.json`);
  writeFileSync(file, JSON.stringify({ apis: engageProfile.apis.filter(({ name }) => apis.includes(name)) }));
  return file;
}

async function untilReady(url: string): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  while (Date.now() < deadline) {
    const answer = await fetch(`${url}/health/ready`).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.ok) return;
    await pause(ASK_EVERY_MS);
  }
  throw new Error('The gateway does not become ready');
}
