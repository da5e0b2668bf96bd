import { type Cancellation } from '@gw/kernel';

export interface BayeuxRequest {
  /** Absolute URL. */
  readonly url: string;
  readonly body: string;
  /** The reply must be complete within this many milliseconds. */
  readonly timeoutMs: number;
  readonly isHandshake: boolean;
  /** For a connect: whether what it brings comes again until it is acknowledged. */
  readonly poll?: 'acknowledged' | 'unacknowledged' | undefined;
  readonly cancellation: Cancellation;
}

export type BayeuxReply =
  | { readonly kind: 'reply'; readonly status: number; readonly body: string }
  /** The HTTP session below was replaced: what we know as our Bayeux session is of the old one. */
  | { readonly kind: 'session-lost' }
  /** The upstream refuses this user, and asking again will not help. */
  | { readonly kind: 'refused'; readonly reason: string };

/** How one Bayeux request reaches the upstream: cookies, authorization and their renewal are its affair. */
export abstract class BayeuxHttp {
  /** @throws {GatewayError} when there is no reply: unreachable, too slow. Some error when cancelled. */
  abstract post(request: BayeuxRequest): Promise<BayeuxReply>;
}
