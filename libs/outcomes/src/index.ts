export {
  type AttachedListener,
  type NotificationListener,
  NotificationSource,
} from './notification-source.js';
export {
  type Command,
  type Expectation,
  Outcomes,
  type OutcomesOptions,
  type SessionWatch,
} from './outcomes.js';
export { OutcomesEvents } from './outcomes-events.js';
export { type Doubt } from './pending-outcome.js';
export { waitMsOf } from './preference.js';
export { acceptedIn, withOutcome } from './reply-body.js';
