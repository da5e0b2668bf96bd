const MAX_RETRY_AFTER_MS = 300_000;

/** Milliseconds of a Retry-After header (RFC 9110 §10.2.3: seconds or a date); 0 when absent or nonsense. */
export function retryAfterMs(header: string | undefined, now: number): number {
  if (header === undefined) return 0;
  const ms = /^\d{1,9}$/u.test(header) ? Number(header) * 1_000 : Date.parse(header) - now;
  return Number.isNaN(ms) ? 0 : Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS);
}
