import { randomBytes, randomUUID } from 'node:crypto';
import { Secret } from '@gw/kernel';
import { z } from 'zod';
import {
  baseUrl,
  nativeClients,
  origin,
  origins,
  rateLimits,
  redisUrl,
  secret,
  seconds,
  sessionKeys,
  trustedProxies,
  wholeNumber,
} from './config-values.js';

const YEAR_S = 31_536_000;
const HOUR_MS = 3_600_000;

const logLevel = z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
  error: 'must be one of fatal, error, warn, info, debug, trace, silent',
});

const nodeEnv = z.enum(['development', 'test', 'production'], {
  error: 'must be development, test or production',
});

const generatedKeys = () => [{ id: 'generated', key: new Secret(randomBytes(32).toString('base64')) }];

/** Every variable, each on its own; defaults that depend on others are in `config.ts`. */
export const variables = z.object({
  PORT: wholeNumber(0, 65_535).default(3_000),
  HOST: z.string().optional(),
  NODE_ENV: nodeEnv.default('development'),
  PUBLIC_URL: origin.optional(),
  ALLOWED_ORIGINS: origins.default([]),
  ALLOWED_RETURN_ORIGINS: origins.default([]),
  REDIS_URL: redisUrl.optional(),
  REDIS_PREFIX: z
    .string()
    .regex(/^[\w:-]{1,64}$/u, 'must be 1 to 64 letters, digits, dashes, underscores or colons')
    .default('gw'),
  SESSION_KEYS: sessionKeys.default(generatedKeys),
  ENGAGE_AUTH_URL: baseUrl.optional(),
  ENGAGE_API_URL: baseUrl.optional(),
  ENGAGE_API_KEY: secret.optional(),
  OAUTH_CLIENT_ID: z.string().optional(),
  OAUTH_CLIENT_SECRET: secret.optional(),
  OAUTH_AUTHORIZATION_URL: baseUrl.optional(),
  OAUTH_TOKEN_URL: baseUrl.optional(),
  OAUTH_USERINFO_URL: baseUrl.optional(),
  OAUTH_SIGNOUT_URL: baseUrl.optional(),
  UPSTREAMS_FILE: z.string().optional(),
  SESSION_IDLE_TTL_S: seconds(1, YEAR_S).default(3_600_000),
  SESSION_MAX_TTL_S: seconds(1, YEAR_S).default(43_200_000),
  UPSTREAM_LINGER_MS: wholeNumber(0, HOUR_MS).default(30_000),
  UPSTREAM_TIMEOUT_MS: wholeNumber(100, HOUR_MS).default(30_000),
  MAX_REQUESTS_PER_USER: wholeNumber(1, 10_000).default(100),
  RATE_LIMITS: rateLimits.optional(),
  TRUSTED_PROXIES: trustedProxies.default([]),
  DRAIN_TIMEOUT_MS: wholeNumber(1_000, 600_000).default(25_000),
  SOCKET_ADMISSIONS_PER_S: wholeNumber(1, 10_000).default(200),
  CLIENT_BUFFER_BYTES: wholeNumber(16_384, 67_108_864).default(262_144),
  JOURNAL_MAX_LENGTH: wholeNumber(1, 1_000_000).default(1_000),
  JOURNAL_TTL_S: seconds(1, 86_400).default(600_000),
  NATIVE_CLIENTS: nativeClients.default([]),
  NATIVE_ACCESS_TTL_S: seconds(1, 86_400).default(600_000),
  ADMIN_TOKEN: secret.optional(),
  LOG_LEVEL: logLevel.default('info'),
  CONSOLE_ENABLED: z.enum(['true', 'false'], { error: 'must be true or false' }).optional(),
  INSTANCE_ID: z
    .string()
    .regex(/^[\w.-]{1,64}$/u, 'must be 1 to 64 letters, digits, dots, dashes or underscores')
    .default(() => randomUUID().slice(0, 8)),
});

export type Variables = z.infer<typeof variables>;

export interface Problem {
  readonly variable: string;
  readonly message: string;
}

const MANDATORY = ['PUBLIC_URL', 'REDIS_URL', 'SESSION_KEYS', 'ENGAGE_AUTH_URL', 'OAUTH_CLIENT_ID'] as const;

const HTTPS_ONLY = [
  'PUBLIC_URL',
  'ENGAGE_AUTH_URL',
  'ENGAGE_API_URL',
  'OAUTH_AUTHORIZATION_URL',
  'OAUTH_TOKEN_URL',
  'OAUTH_USERINFO_URL',
  'OAUTH_SIGNOUT_URL',
] as const;

type Environment = Readonly<Record<string, string | undefined>>;

/** What production asks beyond the form of each variable; on the raw text, so that it is said at once. */
export function productionProblems(environment: Environment): Problem[] {
  if (environment.NODE_ENV !== 'production') return [];
  const missing = MANDATORY.filter((variable) => environment[variable] === undefined);
  const insecure = HTTPS_ONLY.filter((variable) => environment[variable]?.startsWith('http:'));
  return [
    ...missing.map((variable) => ({ variable, message: 'is mandatory in production' })),
    ...insecure.map((variable) => ({ variable, message: 'must be https in production' })),
  ];
}
