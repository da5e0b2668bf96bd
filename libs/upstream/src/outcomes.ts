import { type Cancellation, type SessionId } from '@gw/kernel';
import { type Bearer } from './bearer-source.js';

/** There is no token to be had, now or any more. */
export type WithoutBearer = Exclude<Bearer, { kind: 'token' }>;

/** The headers that make a request the user's own. They hold secrets: send them, never log them. */
export interface UserHeaders {
  authorization?: string;
  'x-api-key'?: string;
  cookie?: string;
}

/** What a request was sent with; recovery compares it with what is current by then. */
export interface UsedCredentials {
  readonly token: string;
  /** Which of the user's upstream sessions; grows when a lost one is replaced. */
  readonly generation: number;
  readonly session?: SessionId | undefined;
}

export type Prepared =
  | ({
      readonly kind: 'ready';
      readonly headers: UserHeaders;
      readonly origin: string;
      /** The path that was asked for, as it goes on the wire. */
      readonly path: string;
    } & UsedCredentials)
  | WithoutBearer;

export type Initialised =
  /** `fresh` when this very call made the session. */
  | { readonly kind: 'initialised'; readonly fresh: boolean }
  /** The upstream is out of order: nothing is said of this user. */
  | { readonly kind: 'failed'; readonly status: number }
  /** `code` is the `status.code` of the answer's body, where it had one. */
  | { readonly kind: 'refused'; readonly status: number; readonly code?: number | undefined }
  | WithoutBearer;

export interface UserCall {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: string | undefined;
  readonly timeoutMs: number;
  readonly cancellation?: Cancellation | undefined;
  /** Which session's token to use; absent: any of the user's. */
  readonly session?: SessionId | undefined;
  /** `name=value` pairs that the caller keeps itself, sent after the shared jar's. */
  readonly cookies?: readonly string[] | undefined;
  /** False for a Bayeux endpoint that knows the user by cookies alone. Default true. */
  readonly bearer?: boolean | undefined;
}

interface Answered {
  readonly kind: 'answered';
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  /** Every Set-Cookie line of the answer; the shared jar has taken what belongs there. */
  readonly setCookies: readonly string[];
  /** The upstream session that the call was made in. */
  readonly generation: number;
}

export type UserAnswer = Answered | WithoutBearer;

/** `pending`: it says something else than the end. `unknown`: it cannot be asked. */
export type ProbedReadiness = 'complete' | 'failed' | 'pending' | 'unknown';
