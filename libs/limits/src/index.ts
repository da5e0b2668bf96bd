export { rateLimited } from './errors.js';
export { LimitsEvents } from './limits-events.js';
export { isScarce, rateFields } from './rate-fields.js';
export { RateLevels } from './rate-levels.js';
export { RateLimiter } from './rate-limiter.js';
export { type Rate, type RateUse } from './rate.js';
