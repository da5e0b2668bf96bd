import { Secret } from '@gw/kernel';

interface RedisAddress {
  readonly host: string;
  readonly port: number;
}

/** Where Redis is, and how to be let in. */
export interface RedisTarget {
  readonly kind: 'standalone' | 'sentinel' | 'cluster';
  /** The server, the sentinels, or some nodes of the cluster. */
  readonly addresses: readonly RedisAddress[];
  /** By which the sentinels know the server. Sentinel only. */
  readonly masterName?: string | undefined;
  readonly tls: boolean;
  /** An ACL user; absent: `default`. */
  readonly username?: string | undefined;
  readonly password?: Secret | undefined;
  /** 0 in a cluster. */
  readonly database: number;
}

const SCHEMES: Readonly<Record<string, { kind: RedisTarget['kind']; tls: boolean }>> = {
  'redis:': { kind: 'standalone', tls: false },
  'rediss:': { kind: 'standalone', tls: true },
  'redis+sentinel:': { kind: 'sentinel', tls: false },
  'rediss+sentinel:': { kind: 'sentinel', tls: true },
};
const DEFAULT_PORT = 6_379;
const DEFAULT_SENTINEL_PORT = 26_379;

/**
 * Reads `REDIS_URL`:
 * - `redis://[user:password@]host[:port][/database]`, `rediss://…` with TLS;
 * - `redis+sentinel://[user:password@]sentinel[:port][,sentinel…]/master-name[/database]`, `rediss+sentinel://…`;
 * - for Redis Cluster a comma list of nodes, each a `redis://` or `rediss://` URL or `host:port`; one node
 *   is enough when it ends with a comma.
 *
 * @throws {TypeError} with a message that quotes nothing of the text, which holds a password.
 */
export function parseRedisUrl(text: string): RedisTarget {
  const scheme = /^[a-z+]+:\/\//u.exec(text)?.[0].slice(0, -2);
  if (scheme?.includes('sentinel')) return sentinelTarget(text, scheme);
  return text.includes(',') ? clusterTarget(text) : standaloneTarget(text);
}

function standaloneTarget(text: string): RedisTarget {
  const { url, tls } = urlOf(text);
  return {
    kind: 'standalone',
    addresses: [addressOf(url)],
    tls,
    ...loginOf(url),
    database: databaseOf(url.pathname),
  };
}

function clusterTarget(text: string): RedisTarget {
  const nodes = text
    .split(',')
    .map((node) => node.trim())
    .filter((node) => node !== '')
    .map((node) => urlOf(node.includes('://') ? node : `redis://${node}`));
  const [first] = nodes;
  if (!first) throw problem();
  if (nodes.some(({ tls }) => tls !== first.tls)) throw problem('with TLS for all nodes or for none');
  if (nodes.some(({ url }) => databaseOf(url.pathname) !== 0))
    throw problem('without a database for a cluster');
  return {
    kind: 'cluster',
    addresses: nodes.map(({ url }) => addressOf(url)),
    tls: first.tls,
    ...loginOf(first.url),
    database: 0,
  };
}

/** Not a URL by the standard: its authority names several hosts. */
function sentinelTarget(text: string, scheme: string): RedisTarget {
  const parts = /^[a-z+]+:\/\/(?:([^@/]*)@)?([^@/]+)\/([\w.-]+)(\/\d*)?$/u.exec(text);
  const known = SCHEMES[scheme];
  if (!parts || !known) throw problem('as redis+sentinel://host,host/master-name');
  const [, login = '', hosts = '', masterName, database = ''] = parts;
  const urls = hosts.split(',').map((host) => urlOf(`redis://${host.trim()}`).url);
  return {
    kind: 'sentinel',
    addresses: urls.map((url) => addressOf(url, DEFAULT_SENTINEL_PORT)),
    masterName,
    tls: known.tls,
    ...loginOf(urlOf(`redis://${login}@redis`).url),
    database: databaseOf(database),
  };
}

function urlOf(text: string): { url: URL; tls: boolean } {
  if (!URL.canParse(text)) throw problem();
  const url = new URL(text);
  const known = SCHEMES[url.protocol];
  if (known?.kind !== 'standalone' || url.hostname === '' || url.search !== '' || url.hash !== '')
    throw problem();
  return { url, tls: known.tls };
}

const addressOf = (url: URL, defaultPort = DEFAULT_PORT): RedisAddress => ({
  host: url.hostname.replace(/^\[(.*)\]$/u, '$1'),
  port: url.port === '' ? defaultPort : Number(url.port),
});

function loginOf({ username, password }: URL): Pick<RedisTarget, 'username' | 'password'> {
  return {
    username: username === '' ? undefined : decoded(username),
    password: password === '' ? undefined : new Secret(decoded(password)),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw problem('with its user and password percent-encoded');
  }
}

function databaseOf(path: string): number {
  if (path === '' || path === '/') return 0;
  const database = /^\/(\d{1,3})$/u.exec(path)?.[1];
  if (database === undefined) throw problem('with a number as its database');
  return Number(database);
}

function problem(detail?: string): TypeError {
  const forms = 'redis://, rediss://, redis+sentinel://, or a comma list of cluster nodes';
  return new TypeError(`must be a Redis URL${detail === undefined ? `: ${forms}` : ` ${detail}`}`);
}
