/** What a caller may do about it; the HTTP edge maps each kind to one status. */
export type ErrorKind =
  | 'bad_request'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'unprocessable'
  | 'too_many_requests'
  | 'unavailable'
  | 'bad_gateway'
  | 'timeout';

/**
 * A failure with a name. `code` is public and stable: clients and dashboards match on it, never on
 * the message. The message is shown to clients, so it must never quote upstream bytes or secrets.
 */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';

  constructor(
    readonly code: string,
    readonly kind: ErrorKind,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
