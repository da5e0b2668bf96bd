import { type RateUse } from './rate.js';

/** Below this part of the quota clients are told how much is left, with every answer. */
const SCARCE_SHARE = 0.5;

/** Whether the client should be told. While there is plenty, the fields would only be bytes. */
export function isScarce({ remaining, rate }: RateUse): boolean {
  return remaining < rate.quota * SCARCE_SHARE;
}

/**
 * The fields `RateLimit-Policy` and `RateLimit` of draft-ietf-httpapi-ratelimit-headers-10, and `Retry-After` where the
 * use was refused. Seconds, rounded up: who comes back then is not refused again for a fraction.
 */
export function rateFields(use: RateUse): Record<string, string> {
  const { name, rate, remaining, resetMs, retryAfterMs, isAllowed } = use;
  return {
    'ratelimit-policy': `"${name}";q=${rate.quota};w=${seconds(rate.windowMs)}`,
    ratelimit: `"${name}";r=${remaining};t=${seconds(resetMs)}`,
    ...(!isAllowed && { 'retry-after': String(Math.max(1, seconds(retryAfterMs))) }),
  };
}

const seconds = (ms: number): number => Math.ceil(ms / 1_000);
