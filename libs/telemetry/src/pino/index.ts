export {
  LoggedFanout,
  LoggedNative,
  LoggedLimits,
  LoggedProxy,
  LoggedIdempotency,
  LoggedOutcomes,
  LoggedRedis,
  LoggedSessions,
  LoggedTokens,
  LoggedUpstream,
} from './logged-events.js';
export { createLogger, serializeError, type LoggerOptions, type LogLevel } from './logger.js';
