import { z } from 'zod';
import { type SimulatorOptions } from './options.js';

/** An unset and an empty variable are the same. */
const optional = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema.optional());
const count = (min: number, max: number) => optional(z.coerce.number().int().min(min).max(max));
const onOff = optional(z.enum(['on', 'off']).transform((value) => value === 'on'));

const environment = z.object({
  PORT: count(0, 65_535),
  HOST: optional(z.string()),
  CONTROL: onOff,
  ACCESS_TOKEN_TTL_S: count(1, 31_536_000),
  REFRESH_TOKEN_TTL_S: count(1, 31_536_000),
  ROTATE_REFRESH_TOKENS: onOff,
  CLIENT_ID: optional(z.string()),
  CLIENT_SECRET: optional(z.string()),
  REDIRECT_URIS: optional(
    z
      .string()
      .transform((list) => list.split(','))
      .pipe(z.array(z.url())),
  ),
  API_KEY: optional(z.string()),
  ACK_EXTENSION: onOff,
  BAYEUX_TIMEOUT_MS: count(0, 600_000),
  BAYEUX_MAX_INTERVAL_MS: count(1, 600_000),
  STATISTICS_PERIOD_MS: count(10, 3_600_000),
  EVENT_DELAY_MS: count(0, 60_000),
  EVENT_BEFORE_REPLY: onOff,
  EXTRA_AGENTS: count(0, 100_000),
});

/** The environment as options. @throws one error that names every wrong variable */
export function readConfig(env: Readonly<Record<string, string | undefined>>): SimulatorOptions {
  const parsed = environment.safeParse(env);
  if (!parsed.success) throw new Error(`The environment is wrong:\n${z.prettifyError(parsed.error)}`);
  const { data } = parsed;
  return {
    host: data.HOST ?? '127.0.0.1',
    port: data.PORT ?? 3001,
    controlEnabled: data.CONTROL,
    accessTokenTtlS: data.ACCESS_TOKEN_TTL_S,
    refreshTokenTtlS: data.REFRESH_TOKEN_TTL_S,
    rotateRefreshTokens: data.ROTATE_REFRESH_TOKENS,
    client: data.CLIENT_ID === undefined ? undefined : { id: data.CLIENT_ID, secret: data.CLIENT_SECRET },
    redirectUris: data.REDIRECT_URIS,
    apiKey: data.API_KEY,
    ackExtension: data.ACK_EXTENSION,
    bayeuxTimeoutMs: data.BAYEUX_TIMEOUT_MS,
    bayeuxMaxIntervalMs: data.BAYEUX_MAX_INTERVAL_MS,
    statisticsPeriodMs: data.STATISTICS_PERIOD_MS,
    eventDelayMs: data.EVENT_DELAY_MS,
    eventBeforeReply: data.EVENT_BEFORE_REPLY,
    extraAgents: data.EXTRA_AGENTS,
  };
}
