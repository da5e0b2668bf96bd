export { Clock, SystemClock, type Timer } from './clock.js';
export { GatewayError, type ErrorKind } from './errors.js';
export {
  asApiName,
  asSessionId,
  asUserId,
  type ApiName,
  type Branded,
  type SessionId,
  type UserId,
} from './ids.js';
export { Secret } from './secret.js';
export { SingleFlight } from './single-flight.js';
