export { fingerprintOf } from './fingerprint.js';
export { Idempotency, type IdempotencyOptions, type KeyedRun } from './idempotency.js';
export { IdempotencyEvents } from './idempotency-events.js';
export { parseIdempotencyKey } from './idempotency-key.js';
export { type KeptAnswer, KeyStore, type KeyStoreLimits } from './key-store.js';
