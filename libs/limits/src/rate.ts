/** So many uses in so much time, for each key. All of them may come at once; then they come back evenly. */
export interface Rate {
  readonly quota: number;
  readonly windowMs: number;
}

/** What became of a use, and how the key stands after it. */
export interface RateUse {
  readonly isAllowed: boolean;
  /** The limit's name, as clients and keys have it: a token of RFC 9110. */
  readonly name: string;
  readonly rate: Rate;
  /** Uses that are left just now. */
  readonly remaining: number;
  /** Until the whole quota is there again, in milliseconds. */
  readonly resetMs: number;
  /** Until one use is possible again, in milliseconds; 0 while one is. */
  readonly retryAfterMs: number;
}
