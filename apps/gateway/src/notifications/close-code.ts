/**
 * Why the gateway ends a socket. It is the reason of the WebSocket's close frame (RFC 6455 §7.4), which a
 * Socket.IO client finds in the second parameter of `disconnect`: `details.context.code` and `.reason`. After each
 * of them the library comes back by itself.
 */
export interface CloseCode {
  /** Registered with IANA below 4000, ours from there on. */
  readonly code: number;
  /** Stable, at most 123 bytes. */
  readonly reason: string;
}

export const CLOSE = {
  /** Service Restart. */
  drain: { code: 1012, reason: 'drain' },
  slowConsumer: { code: 4008, reason: 'slow_consumer' },
} as const satisfies Record<string, CloseCode>;

/** Internal Error, with the code of the failure. */
export const closeFailed = (code: string): CloseCode => ({ code: 1011, reason: code });

/** Try Again Later: another instance may be able to do what this one cannot. */
export const closeUnable = (code: string): CloseCode => ({ code: 1013, reason: code });
