import { type FanoutEvents } from '@gw/fanout';
import { type IdempotencyEvents } from '@gw/idempotency';
import { type Clock } from '@gw/kernel';
import { type LimitsEvents } from '@gw/limits';
import { type NativeEvents } from '@gw/native';
import { type OutcomesEvents } from '@gw/outcomes';
import { type ProxyEvents } from '@gw/proxy';
import { type RedisEvents } from '@gw/redis';
import { type SessionsEvents } from '@gw/sessions';
import { several } from '@gw/telemetry';
import {
  LoggedFanout,
  LoggedIdempotency,
  LoggedLimits,
  LoggedNative,
  LoggedOutcomes,
  LoggedProxy,
  LoggedRedis,
  LoggedSessions,
  LoggedTokens,
  LoggedUpstream,
} from '@gw/telemetry/pino';
import {
  CountedFanout,
  CountedIdempotency,
  CountedLimits,
  CountedNative,
  CountedOutcomes,
  CountedProxy,
  CountedRedis,
  CountedSessions,
  CountedTokens,
  CountedUpstream,
  type Metrics,
} from '@gw/telemetry/prometheus';
import { type TokensEvents } from '@gw/tokens';
import { type UpstreamEvents } from '@gw/upstream';
import { type Logger } from 'pino';
import { CountedSockets } from '../notifications/counted-sockets.js';
import { LoggedSockets } from '../notifications/logged-sockets.js';
import { type SocketEvents } from '../notifications/socket-events.js';

/** Who hears of what happens: the log, and the metrics. */
export const listeners = (log: Logger, metrics: Metrics, clock: Clock) => ({
  sessionsEvents: several<SessionsEvents>(new LoggedSessions(log), new CountedSessions(metrics)),
  tokensEvents: several<TokensEvents>(new LoggedTokens(log), new CountedTokens(metrics)),
  nativeEvents: several<NativeEvents>(new LoggedNative(log), new CountedNative(metrics)),
  upstreamEvents: several<UpstreamEvents>(new LoggedUpstream(log), new CountedUpstream(metrics)),
  fanoutEvents: several<FanoutEvents>(new LoggedFanout(log), new CountedFanout(metrics)),
  outcomesEvents: several<OutcomesEvents>(new LoggedOutcomes(log), new CountedOutcomes(metrics)),
  idempotencyEvents: several<IdempotencyEvents>(new LoggedIdempotency(log), new CountedIdempotency(metrics)),
  proxyEvents: several<ProxyEvents>(new LoggedProxy(log), new CountedProxy(metrics)),
  limitsEvents: several<LimitsEvents>(new LoggedLimits(log), new CountedLimits(metrics)),
  socketEvents: several<SocketEvents>(new LoggedSockets(log, clock), new CountedSockets(metrics)),
  redisEvents: several<RedisEvents>(new LoggedRedis(log), new CountedRedis(metrics)),
});
