/** A message of the Bayeux protocol, as far as we look into it. */
export interface BayeuxMessage {
  readonly channel: string;
  readonly id?: string;
  readonly data?: unknown;
  readonly successful?: boolean;
  readonly error?: string;
  readonly clientId?: unknown;
  readonly supportedConnectionTypes?: unknown;
  readonly ext?: { readonly ack?: unknown };
  readonly advice?: {
    readonly reconnect?: string;
    readonly timeout?: unknown;
    readonly interval?: unknown;
    readonly maxInterval?: unknown;
  };
}

export const META_HANDSHAKE = '/meta/handshake';
export const META_CONNECT = '/meta/connect';
export const META_DISCONNECT = '/meta/disconnect';
export const META_SUBSCRIBE = '/meta/subscribe';

/**
 * Reads the body of a reply. One wrong member would end the protocol library's loop without a word,
 * so anything but an array of messages is refused as a whole.
 *
 * @throws {SyntaxError} when it is no JSON, or no array of messages.
 */
export function parseReply(body: string): BayeuxMessage[] {
  const messages: unknown = JSON.parse(body);
  if (!Array.isArray(messages) || !messages.every(isMessage)) {
    throw new SyntaxError('not an array of Bayeux messages');
  }
  return messages;
}

function isMessage(value: unknown): value is BayeuxMessage {
  return (
    typeof value === 'object' && value !== null && 'channel' in value && typeof value.channel === 'string'
  );
}

/** A message for a subscriber; the reply to a publish has `successful` and no data. Channels begin with a slash. */
export function isDelivery({ channel, data, successful }: BayeuxMessage): boolean {
  const isOfApplication = channel.startsWith('/') && !channel.startsWith('/meta/');
  return isOfApplication && data !== undefined && successful === undefined;
}

/** Whether each of `requests` has its reply: the library waits for ever for one that never comes. */
export function answersAll(requests: readonly BayeuxMessage[], replies: readonly BayeuxMessage[]): boolean {
  return requests.every(({ id, channel }) =>
    replies.some((reply) => reply.id === id && reply.channel === channel && !isDelivery(reply)),
  );
}

/** Whether the server said in its handshake reply that it takes part in the ack extension. */
export function offersAcks(handshakeReply: BayeuxMessage): boolean {
  const ack = handshakeReply.ext?.ack;
  return (
    ack === true || (typeof ack === 'object' && ack !== null && 'enabled' in ack && ack.enabled === true)
  );
}

/**
 * Where messages of one type go. To a URL with a query, or whose last segment has a dot, nothing may be
 * appended; this is the protocol library's rule.
 */
export function endpointOf(url: string, type: string): string {
  const path = url.replace(/^https?:\/\/[^/?#]*/, '').replace(/\/$/, '');
  if (/[?#]/.test(url) || path.split('/').at(-1)?.includes('.')) return url;
  return `${url.replace(/\/$/, '')}/${type}`;
}

/** What a server answers to a connect of a session that it does not know: handshake again. */
export function sessionUnknownReply(requests: readonly BayeuxMessage[]): string {
  return JSON.stringify(
    requests.map(({ id, channel }) => ({
      id,
      channel,
      successful: false,
      error: '402::session_unknown',
      advice: { reconnect: 'handshake', interval: 0 },
    })),
  );
}
