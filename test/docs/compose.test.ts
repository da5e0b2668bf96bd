import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { variables } from '../../apps/gateway/src/config-schema.js';
import { readConfig as readSimulatorConfig } from '../../apps/simulator/src/config.js';

/** What these tests look at, of what Compose allows. */
interface Service {
  readonly image?: string;
  readonly build?: { readonly context: string; readonly target: string };
  readonly command?: readonly string[];
  readonly user?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly init?: boolean;
  readonly read_only?: boolean;
  readonly stop_grace_period?: string;
}
interface Composition {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes?: Readonly<Record<string, null>>;
}

const ROOT = new URL('../../', import.meta.url);
const textOf = (file: string): string => readFileSync(new URL(file, ROOT), 'utf8');
const dockerfile = textOf('Dockerfile');
const compositionOf = (file: string) => parse(textOf(file), { merge: true }) as Composition;

/** As Compose puts files together, in so far as ours need it: volumes by where they are mounted, maps by their keys. */
function merged(files: readonly string[]): Composition {
  const compositions = files.map(compositionOf);
  const names = new Set(compositions.flatMap(({ services }) => Object.keys(services)));
  const services = [...names].map((name): [string, Service] => [
    name,
    compositions.map(({ services }) => services[name] ?? {}).reduce(mergedService),
  ]);
  const volumes = Object.assign({}, ...compositions.map((one) => one.volumes)) as Record<string, null>;
  return { services: Object.fromEntries(services), volumes };
}

function mergedService(base: Service, over: Service): Service {
  const volumes = new Map(
    [...(base.volumes ?? []), ...(over.volumes ?? [])].map((volume) => [volume.split(':')[1], volume]),
  );
  return {
    ...base,
    ...over,
    environment: { ...base.environment, ...over.environment },
    depends_on: { ...base.depends_on, ...over.depends_on },
    healthcheck: { ...base.healthcheck, ...over.healthcheck },
    volumes: [...volumes.values()],
  };
}

/** With the defaults of `${NAME:-default}`, and `$$` as a dollar sign. */
const interpolated = (value: string): string =>
  value.replaceAll(/\$\{\w+:-([^}]*)\}/gu, '$1').replaceAll('$$', '$');

const BASE = 'docker-compose.yml';

describe.each([
  ['alone', [BASE]],
  ['with HAProxy', [BASE, 'docker-compose.haproxy.yml']],
  ['with sentinels', [BASE, 'docker-compose.sentinel.yml']],
  ['with a Redis Cluster', [BASE, 'docker-compose.cluster.yml']],
])('docker-compose.yml %s', (_name, files) => {
  const composition = merged(files);
  const services = Object.entries(composition.services);
  const gateways = services.filter(([name]) => name.startsWith('gateway-'));

  it.each(services)('runs %s pinned, confined, checked, and with time to stop', (name, service) => {
    if (service.build) {
      expect(dockerfile).toContain(` AS ${service.build.target}\n`);
      // The image says who runs it.
      expect(service.user).toBeUndefined();
    } else {
      expect(service.image).toMatch(/^[a-z]+:\d+\.\d+\.\d+(?:-[a-z]+)?$/u);
      expect(['nginx', 'haproxy', 'redis']).toContain(service.user);
    }
    expect(service).toMatchObject({ init: true, read_only: true, cap_drop: ['ALL'] });
    expect(service.stop_grace_period).toMatch(/^\d+s$/u);
    const runsOnce = name === 'redis-cluster';
    expect(service.healthcheck).toMatchObject(
      runsOnce ? { disable: true } : { test: expect.any(Array) as string[] },
    );
  });

  it('names only services, volumes and files that there are', () => {
    for (const [name, { depends_on: needed = {}, volumes = [] }] of services) {
      for (const [other, { condition }] of Object.entries(needed)) {
        const { healthcheck } = composition.services[other] ?? {};
        expect([name, other, healthcheck !== undefined]).toEqual([name, other, true]);
        expect(condition).toBe(healthcheck?.disable ? 'service_completed_successfully' : 'service_healthy');
      }
      for (const volume of volumes) {
        const [source = ''] = volume.split(':');
        const isThere = source.startsWith('./')
          ? existsSync(new URL(source, ROOT))
          : source in composition.volumes!;
        expect([name, volume, isThere]).toEqual([name, volume, true]);
      }
    }
  });

  it('gives three gateways the same environment, which they understand, and names of their own', () => {
    expect(gateways).toHaveLength(3);
    const shared = gateways.map(([name, { environment = {} }]) => {
      const { INSTANCE_ID, ...rest } = environment;
      expect(INSTANCE_ID).toBe(name);
      return rest;
    });
    expect([shared[1], shared[2]]).toEqual([shared[0], shared[0]]);
    const read = Object.fromEntries(
      Object.entries(shared[0]!).map(([name, value]) => [name, interpolated(value)]),
    );
    expect(Object.keys(read).filter((name) => !(name in variables.shape))).toEqual([]);
    expect(variables.safeParse(read).error?.issues ?? []).toEqual([]);
    expect(read.REDIS_URL).toBeDefined();
  });

  it('gives the simulator an environment that it understands', () => {
    const { environment = {} } = composition.services.simulator!;
    const understood = new Set<string>();
    readSimulatorConfig(new Proxy({}, { get: (_target, name) => (understood.add(String(name)), undefined) }));
    expect(Object.keys(environment).filter((name) => !understood.has(name))).toEqual([]);
    expect(readSimulatorConfig(environment)).toMatchObject({ host: '0.0.0.0', port: 3001 });
  });

  it('leads Redis URLs, load balancer and health checks to services that there are', () => {
    const { REDIS_URL = '' } = gateways[0]![1].environment!;
    const hosts = [...REDIS_URL.matchAll(/([\w-]+):\d+/gu)].map(([, host = '']) => host);
    expect(hosts.length).toBeGreaterThan(0);
    const balanced = [...textOf('deploy/nginx/gateways.conf').matchAll(/^server ([\w-]+):3000 /gmu)];
    const inHaproxy = [...textOf('deploy/haproxy.cfg').matchAll(/-([\w-]+):3000\}/gu)];
    const named = [...balanced, ...inHaproxy].map(([, host = '']) => host);
    expect([...new Set(named)]).toEqual(gateways.map(([name]) => name));
    for (const host of hosts) expect(Object.keys(composition.services)).toContain(host);
  });

  it('opens ports to this machine only', () => {
    const ports = services.flatMap(([, service]) => service.ports ?? []);
    expect(ports.toSorted()).toEqual(['127.0.0.1:3000:3000', '127.0.0.1:3001:3001']);
  });
});

describe('the demo key in docker-compose.yml', () => {
  it('says what it is', () => {
    const key = /SESSION_KEYS:-demo-only:([^}]+)\}/u.exec(textOf(BASE))?.[1] ?? '';
    expect(Buffer.from(key, 'base64').toString()).toBe('everybody-may-know-this-demo-key');
  });
});
