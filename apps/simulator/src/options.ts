import { type Clock, SystemClock } from '@gw/kernel';

export interface SimulatorOptions {
  /** Default 127.0.0.1. */
  readonly host?: string | undefined;
  /** 0, the default, takes a free one. */
  readonly port?: number | undefined;
  /** Serves the control API over HTTP under /control. It hands out tokens: keep it off where others can reach it. */
  readonly controlEnabled?: boolean | undefined;
  readonly accessTokenTtlS?: number | undefined;
  readonly refreshTokenTtlS?: number | undefined;
  /** A refresh answers with a new refresh token, and the old one is refused from then on. */
  readonly rotateRefreshTokens?: boolean | undefined;
  /** Without a secret the client is public: it names itself by the form field `client_id`. */
  readonly client?: OAuthClient | undefined;
  /** Allowed beside `http://localhost:*` and `http://127.0.0.1:*`; an entry allows all paths below it. */
  readonly redirectUris?: readonly string[] | undefined;
  /** When set, every call but the browser's sign-in pages needs it as `x-api-key`. */
  readonly apiKey?: string | undefined;
  readonly ackExtension?: boolean | undefined;
  /** How long a /meta/connect is held. */
  readonly bayeuxTimeoutMs?: number | undefined;
  /** How long a CometD session outlives the last /meta/connect reply. */
  readonly bayeuxMaxIntervalMs?: number | undefined;
  readonly statisticsPeriodMs?: number | undefined;
  /** How long things take that take time: initialisation steps, an outside party picking up. */
  readonly eventDelayMs?: number | undefined;
  /** The notification of a command arrives before the command's HTTP reply. */
  readonly eventBeforeReply?: boolean | undefined;
  /** Agents `user1`, `user2` … beside the demo agents, with the same password. */
  readonly extraAgents?: number | undefined;
  readonly clock?: Clock | undefined;
}

export interface OAuthClient {
  readonly id: string;
  readonly secret?: string | undefined;
}

export interface Settings {
  readonly host: string;
  readonly port: number;
  readonly controlEnabled: boolean;
  readonly accessTokenTtlS: number;
  readonly refreshTokenTtlS: number;
  readonly rotateRefreshTokens: boolean;
  readonly clients: readonly OAuthClient[];
  readonly redirectUris: readonly string[];
  readonly apiKey: string | undefined;
  readonly ackExtension: boolean;
  readonly bayeuxTimeoutMs: number;
  readonly bayeuxMaxIntervalMs: number;
  readonly statisticsPeriodMs: number;
  readonly eventDelayMs: number;
  eventBeforeReply: boolean;
  /** Whether notifications repeat the `operationId` of the command that caused them. */
  echoesOperationIds: boolean;
  readonly extraAgents: number;
  readonly clock: Clock;
}

/** A client of each kind stands ready. */
const DEFAULT_CLIENT: OAuthClient = { id: 'engage-gateway', secret: 'simulator-secret' };
const PUBLIC_CLIENT: OAuthClient = { id: 'engage-public' };

/** Lifetimes as private edition's sample registrations have them: 12 hours and 30 days. */
export function withDefaults(options: SimulatorOptions): Settings {
  return {
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 0,
    controlEnabled: options.controlEnabled ?? false,
    accessTokenTtlS: options.accessTokenTtlS ?? 43_200,
    refreshTokenTtlS: options.refreshTokenTtlS ?? 2_592_000,
    rotateRefreshTokens: options.rotateRefreshTokens ?? false,
    clients: [options.client ?? DEFAULT_CLIENT, PUBLIC_CLIENT],
    redirectUris: options.redirectUris ?? [],
    apiKey: options.apiKey,
    ackExtension: options.ackExtension ?? true,
    bayeuxTimeoutMs: options.bayeuxTimeoutMs ?? 20_000,
    bayeuxMaxIntervalMs: options.bayeuxMaxIntervalMs ?? 10_000,
    statisticsPeriodMs: options.statisticsPeriodMs ?? 5_000,
    eventDelayMs: options.eventDelayMs ?? 40,
    eventBeforeReply: options.eventBeforeReply ?? false,
    echoesOperationIds: true,
    extraAgents: options.extraAgents ?? 0,
    clock: options.clock ?? new SystemClock(),
  };
}
