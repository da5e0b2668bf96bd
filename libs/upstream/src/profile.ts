import { type ApiName } from '@gw/kernel';
import { type OutcomeSettings } from './outcome-settings.js';

/** What the gateway knows of the platform behind it: data, so that a new API needs no code. */
export interface UpstreamProfile {
  readonly apis: readonly UpstreamApi[];
}

export interface UpstreamApi {
  readonly name: ApiName;
  /** Origin of this API where it differs from the configured one. */
  readonly baseUrl?: string | undefined;
  /** Absolute, without trailing slash; everything beneath it is proxied unless refused. */
  readonly basePath: string;
  /** Beneath `basePath`; a trailing `/**` means the path itself and all below it. */
  readonly refusedPaths: readonly string[];
  readonly sessionInit?: SessionInit | undefined;
  readonly logout?: Endpoint | undefined;
  readonly cometd?: CometdSettings | undefined;
  /** How commands are joined with the notifications that settle them; needs `cometd`. */
  readonly outcomes?: OutcomeSettings | undefined;
}

export type EndpointMethod = 'GET' | 'POST' | 'PUT' | 'DELETE';

export interface Endpoint {
  readonly method: EndpointMethod;
  /** Absolute path. */
  readonly path: string;
}

/** The call that exchanges the bearer for the upstream's session cookie. */
export interface SessionInit extends Endpoint {
  /** Values of the body's `status.code` that mean success. Absent: any 2xx answer does. */
  readonly acceptedCodes?: readonly number[] | undefined;
}

export interface CometdSettings {
  /** Absolute path of the Bayeux endpoint. */
  readonly path: string;
  /** Whether each Bayeux request carries the user's bearer beside the cookies. */
  readonly bearer: boolean;
  /** Subscribed for clients that name no channels. */
  readonly defaultChannels: readonly string[];
  /** Patterns that cover whatever a client may subscribe to. */
  readonly allowedChannels: readonly string[];
  /** Patterns of channels that a client may publish to. */
  readonly publishChannels: readonly string[];
  /** Cookie by which the Bayeux server knows its client; kept per (user, API), never in the shared jar. */
  readonly browserCookie: string;
  readonly readiness?: Readiness | undefined;
  /** How many handshakes a second all users of one instance may make together; the others wait their turn. */
  readonly handshakesPerSecond: number;
}

/** How an API that initialises asynchronously says that it is ready. */
export interface Readiness {
  readonly channel: string;
  /** Value of the message's `messageType`. */
  readonly messageType: string;
  /** Member of the message's data that holds the state, and what it says at the end. */
  readonly stateMember: string;
  readonly complete: string;
  readonly failed: string;
  /** Asked once before giving up: the message may have been missed. */
  readonly probe: ReadinessProbe;
  readonly timeoutMs: number;
}

export interface ReadinessProbe {
  /** Absolute path, read with GET. */
  readonly path: string;
  /** JSON pointer (RFC 6901) to the state in the answer's body. */
  readonly pointer: string;
  readonly complete: string;
  readonly failed: string;
}
