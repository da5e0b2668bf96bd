import { chmod, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from '@gw/kernel/testing';
import { BackgroundProcess, type Program } from './background-process.js';

export type LoadBalancerKind = 'nginx' | 'haproxy';

export interface LoadBalancer {
  readonly kind: LoadBalancerKind;
  /** On the name `localhost`, as a browser of a developer would have it. */
  readonly url: string;
  /** All it wrote: its access log, and what it says about itself in between. */
  log(): string;
  /** The requests that it is done with, from its access log. */
  requests(): BalancedRequest[];
  close(): Promise<void>;
}

/** A line of the access log, as far as tests look at it. */
interface BalancedRequest {
  readonly path: string;
  readonly status: number;
  /** Addresses of the gateways that were tried, with commas in between; empty or a dash: none. */
  readonly gateway: string;
}

const DEPLOY = new URL('../../deploy/', import.meta.url);
const START_DEADLINE_MS = 10_000;
/** `haproxy.cfg` has as many places; nobody listens on port 1. */
const HAPROXY_GATEWAYS = 3;
const NOBODY = '127.0.0.1:1';
/** Debian keeps both programs where only root's PATH leads. */
const ENVIRONMENT = { PATH: `${process.env.PATH ?? ''}:/usr/sbin` };

/**
 * nginx or HAProxy with the configuration of `deploy/`, on 127.0.0.1, without any rights beyond the user's own.
 *
 * @param gateways where they listen: ports of 127.0.0.1
 */
export async function startLoadBalancer(
  kind: LoadBalancerKind,
  port: number,
  gateways: readonly number[],
): Promise<LoadBalancer> {
  const folder = await mkdtemp(join(tmpdir(), `${kind}-`));
  const addresses = gateways.map((gateway) => `127.0.0.1:${gateway}`);
  const listen = `127.0.0.1:${port}`;
  const program =
    kind === 'nginx' ? await nginx(folder, listen, addresses) : haproxy(folder, listen, addresses);
  const balancer = new BackgroundProcess(program);
  const close = async () => {
    await balancer.stop('SIGTERM');
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await eventually(async () => {
      // Whatever it answers: it listens.
      if (balancer.isRunning)
        await fetch(`http://${listen}/health/live`).then((answer) => answer.body?.cancel());
    }, START_DEADLINE_MS);
    if (!balancer.isRunning) throw new Error(`${kind} has ended: ${balancer.output()}`);
  } catch (error) {
    await close();
    throw error;
  }
  const log = () => balancer.output();
  return { kind, url: `http://localhost:${port}`, log, requests: () => accessesIn(log()), close };
}

function accessesIn(log: string): BalancedRequest[] {
  const lines = log.split('\n').filter((line) => line.startsWith('{') && line.endsWith('}'));
  return lines.map((line) => JSON.parse(line) as BalancedRequest);
}

/** nginx reads no environment: what differs here from the containers is in files beside its configuration. */
async function nginx(folder: string, listen: string, addresses: readonly string[]): Promise<Program> {
  const configuration = join(folder, 'nginx.conf');
  await symlink(fileURLToPath(new URL('nginx/nginx.conf', DEPLOY)), configuration);
  await writeFile(join(folder, 'listen.conf'), `listen ${listen};\n`);
  await writeFile(join(folder, 'gateways.conf'), await serverLines(addresses));
  // Root's nginx gives its workers to another user.
  await chmod(folder, 0o755);
  const parameters = ['-p', `${folder}/`, '-e', 'stderr', '-c', configuration, '-g', 'daemon off;'];
  return { command: 'nginx', parameters, environment: ENVIRONMENT, folder };
}

/** The line of the first gateway in `deploy/nginx/gateways.conf`, for each of ours. */
async function serverLines(addresses: readonly string[]): Promise<string> {
  const original = await readFile(new URL('nginx/gateways.conf', DEPLOY), 'utf8');
  const line = /^server gateway-1:3000.*;$/mu.exec(original)?.[0];
  if (line === undefined) throw new Error('gateways.conf has no line for gateway-1');
  return addresses.map((address) => `${line.replace('gateway-1:3000', address)}\n`).join('');
}

function haproxy(folder: string, listen: string, addresses: readonly string[]): Program {
  if (addresses.length > HAPROXY_GATEWAYS) throw new Error(`haproxy.cfg has ${HAPROXY_GATEWAYS} gateways`);
  const places = Array.from({ length: HAPROXY_GATEWAYS }, (_, index) => ({
    [`GATEWAY_${index + 1}`]: addresses[index] ?? NOBODY,
  }));
  const environment = Object.assign({ ...ENVIRONMENT, LISTEN: listen }, ...places) as Record<string, string>;
  const parameters = ['-db', '-f', fileURLToPath(new URL('haproxy.cfg', DEPLOY))];
  return { command: 'haproxy', parameters, environment, folder };
}
