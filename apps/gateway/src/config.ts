import { Secret, type SealingKey } from '@gw/kernel';
import { type RedisTarget } from '@gw/redis';
import { type Problem, productionProblems, type Variables, variables } from './config-schema.js';
import { DEFAULT_RATES, type Rates } from './limits/rates.js';

/** The gateway's configuration in the domain's units. Origins are as browsers send them, URLs without a final slash. */
export interface Config {
  readonly mode: 'development' | 'production';
  readonly instanceId: string;
  readonly logLevel: Variables['LOG_LEVEL'];
  readonly consoleEnabled: boolean;
  readonly adminToken: Secret | undefined;
  readonly listen: { readonly host: string; readonly port: number };
  readonly origins: {
    /** Under which browsers reach us. */
    readonly own: string;
    /** Who may call us with a cookie; our own origin is always among them. */
    readonly allowed: readonly string[];
    /** Beside our own, where a login may lead. */
    readonly allowedReturn: readonly string[];
  };
  readonly sessions: {
    readonly idleTtlMs: number;
    readonly maxTtlMs: number;
    /** The first encrypts, all decrypt. */
    readonly keys: readonly SealingKey[];
  };
  readonly oauth: {
    readonly clientId: string;
    /** Absent: a public client. */
    readonly clientSecret: Secret | undefined;
    readonly authorizationUrl: string;
    readonly tokenUrl: string;
    readonly userInfoUrl: string;
    readonly signOutUrl: string;
  };
  readonly upstream: {
    readonly apiUrl: string;
    readonly apiKey: Secret | undefined;
    /** Absent: the built-in Engage profile. */
    readonly profileFile: string | undefined;
    readonly timeoutMs: number;
    readonly lingerMs: number;
    /** That one user may have under way at one instance. */
    readonly maxRequestsPerUser: number;
  };
  /** Where the instances share their state; absent: it is embedded, and there is one instance. */
  readonly redis: { readonly target: RedisTarget; readonly prefix: string } | undefined;
  readonly limits: {
    readonly rates: Rates;
    /** Whose `X-Forwarded-For` is believed: addresses, networks, or names of such. */
    readonly trustedProxies: readonly string[];
  };
  readonly journal: { readonly maxLength: number; readonly ttlMs: number };
  /** Apps for which the gateway is an authorization server. */
  readonly native: {
    readonly clients: readonly { readonly id: string; readonly redirectUris: readonly string[] }[];
    readonly accessTtlMs: number;
  };
  readonly sockets: {
    readonly admissionsPerSecond: number;
    /** What may wait for one client to take it. */
    readonly bufferBytes: number;
  };
  /** From SIGTERM to the end. */
  readonly drainTimeoutMs: number;
}

/** Its message names every wrong variable, and quotes none of their values. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly problems: readonly Problem[]) {
    const lines = problems.map(({ variable, message }) => `  ${variable} ${message}`);
    super(['The environment is wrong:', ...lines].join('\n'));
  }
}

const SIMULATOR_URL = 'http://127.0.0.1:3001';
const SIMULATOR_CLIENT = { clientId: 'engage-gateway', clientSecret: new Secret('simulator-secret') };

/**
 * Reads the variables of the public contract. What is empty counts as absent. Pure, but for the
 * instance's name and the development keys, which are random where they are not given.
 *
 * @throws {ConfigError}
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const { data, error } = variables.safeParse(given);
  const ofForm = (error?.issues ?? []).map(({ path, message }) => ({ variable: String(path[0]), message }));
  const problems = firstOfEach([...ofForm, ...productionProblems(given)]);
  if (!data || problems.length > 0) throw new ConfigError(problems);
  return configOf(data);
}

function firstOfEach(problems: readonly Problem[]): Problem[] {
  const names = problems.map(({ variable }) => variable);
  return problems.filter(({ variable }, index) => names.indexOf(variable) === index);
}

function configOf(of: Variables): Config {
  const isProduction = of.NODE_ENV === 'production';
  const own = of.PUBLIC_URL ?? `http://localhost:${of.PORT}`;
  const authUrl = of.ENGAGE_AUTH_URL ?? SIMULATOR_URL;
  return {
    mode: isProduction ? 'production' : 'development',
    instanceId: of.INSTANCE_ID,
    logLevel: of.LOG_LEVEL,
    consoleEnabled: of.CONSOLE_ENABLED === undefined ? !isProduction : of.CONSOLE_ENABLED === 'true',
    adminToken: of.ADMIN_TOKEN,
    listen: { host: of.HOST ?? (isProduction ? '0.0.0.0' : '127.0.0.1'), port: of.PORT },
    origins: {
      own,
      allowed: [...new Set([own, ...of.ALLOWED_ORIGINS])],
      allowedReturn: of.ALLOWED_RETURN_ORIGINS,
    },
    sessions: { idleTtlMs: of.SESSION_IDLE_TTL_S, maxTtlMs: of.SESSION_MAX_TTL_S, keys: of.SESSION_KEYS },
    oauth: { ...clientOf(of), ...endpointsOf(of, authUrl) },
    upstream: {
      apiUrl: of.ENGAGE_API_URL ?? authUrl,
      apiKey: of.ENGAGE_API_KEY,
      profileFile: of.UPSTREAMS_FILE,
      timeoutMs: of.UPSTREAM_TIMEOUT_MS,
      lingerMs: of.UPSTREAM_LINGER_MS,
      maxRequestsPerUser: of.MAX_REQUESTS_PER_USER,
    },
    redis: of.REDIS_URL && { target: of.REDIS_URL, prefix: of.REDIS_PREFIX },
    limits: {
      rates: of.RATE_LIMITS ?? (isProduction ? DEFAULT_RATES : {}),
      trustedProxies: of.TRUSTED_PROXIES,
    },
    journal: { maxLength: of.JOURNAL_MAX_LENGTH, ttlMs: of.JOURNAL_TTL_S },
    native: { clients: of.NATIVE_CLIENTS, accessTtlMs: of.NATIVE_ACCESS_TTL_S },
    sockets: { admissionsPerSecond: of.SOCKET_ADMISSIONS_PER_S, bufferBytes: of.CLIENT_BUFFER_BYTES },
    drainTimeoutMs: of.DRAIN_TIMEOUT_MS,
  };
}

/** A client of one's own without a secret is a public client; only the simulator's has a secret by default. */
function clientOf({ OAUTH_CLIENT_ID: clientId, OAUTH_CLIENT_SECRET: clientSecret }: Variables) {
  if (clientId !== undefined) return { clientId, clientSecret };
  return { ...SIMULATOR_CLIENT, ...(clientSecret && { clientSecret }) };
}

function endpointsOf(of: Variables, authUrl: string) {
  return {
    authorizationUrl: of.OAUTH_AUTHORIZATION_URL ?? `${authUrl}/auth/v3/oauth/authorize`,
    tokenUrl: of.OAUTH_TOKEN_URL ?? `${authUrl}/auth/v3/oauth/token`,
    userInfoUrl: of.OAUTH_USERINFO_URL ?? `${authUrl}/auth/v3/userinfo`,
    signOutUrl: of.OAUTH_SIGNOUT_URL ?? `${authUrl}/auth/v3/sign-out`,
  };
}
