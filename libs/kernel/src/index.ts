export { Cancellation } from './cancellation.js';
export { Clock, SystemClock, type Timer } from './clock.js';
export { GatewayError, type ErrorKind } from './errors.js';
export {
  asApiName,
  asInstanceId,
  asSessionId,
  asUserId,
  type ApiName,
  type Branded,
  type InstanceId,
  type SessionId,
  type UserId,
} from './ids.js';
export { Keyring, type SealingKey } from './keyring.js';
export { RandomPool } from './random-pool.js';
export { safelyParsed } from './safely-parsed.js';
export { Secret } from './secret.js';
export { SingleFlight } from './single-flight.js';
export { after, type Soon } from './soon.js';
