import { type Cancellation } from '@gw/kernel';

/** One call to an upstream whose answer is read as a whole. */
export interface UpstreamRequest {
  readonly origin: string;
  readonly method: string;
  /** Path and query, as they go on the wire. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** From sending until the last byte of the answer. */
  readonly timeoutMs: number;
  readonly cancellation?: Cancellation | undefined;
}

export interface UpstreamResponse {
  readonly status: number;
  readonly contentType: string;
  readonly setCookies: readonly string[];
  readonly body: string;
}

/**
 * How calls reach an upstream. Redirects are never followed; any answer is an answer, whatever its status.
 *
 * @throws {GatewayError} `upstream_unreachable` when there was no whole answer or it was too large,
 * `upstream_timeout` when it took longer than `timeoutMs`. Another error when it was cancelled.
 */
export abstract class UpstreamHttp {
  abstract send(request: UpstreamRequest): Promise<UpstreamResponse>;
}
