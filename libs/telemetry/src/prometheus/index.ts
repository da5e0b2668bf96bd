export {
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
} from './counted-events.js';
export { Metrics, type Reading } from './metrics.js';
