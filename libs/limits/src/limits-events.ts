/** What happens at rate limits, for logs and metrics. */
export abstract class LimitsEvents {
  /** For each use, of which there may be very many. */
  rateExceeded(_limit: string): void {}
  /** What other instances have used is not known just now; this one goes on with what it has seen itself. */
  levelsUnavailable(_limit: string, _error: unknown): void {}
}
