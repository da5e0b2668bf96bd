export { BayeuxSessions } from './bayeux-sessions.js';
export { ClientSink } from './client-sink.js';
export {
  Fanout,
  type AttachedClient,
  type AttachRequest,
  type Census,
  type FanoutOptions,
} from './fanout.js';
export { FanoutEvents } from './fanout-events.js';
