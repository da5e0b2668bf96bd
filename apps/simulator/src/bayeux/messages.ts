import { type FastifyRequest } from 'fastify';
import { z } from 'zod';

/** What the simulator itself reads of a message; the rest goes to the CometD server as it came. */
const messageSchema = z.looseObject({
  channel: z.string(),
  id: z.string().optional(),
  clientId: z.string().optional(),
  subscription: z.union([z.string(), z.array(z.string())]).optional(),
  ext: z.looseObject({ ack: z.unknown() }).partial().optional(),
});

export type BayeuxMessage = z.infer<typeof messageSchema>;

/** A request body: an array of messages, or a single one. */
const messagesSchema = z.union([
  z.array(messageSchema).min(1),
  messageSchema.transform((message) => [message]),
]);

const parsed = new WeakMap<FastifyRequest, readonly BayeuxMessage[]>();

/** The messages of a request; none when its body is not Bayeux. */
export function messagesOf(request: FastifyRequest): readonly BayeuxMessage[] {
  const messages = parsed.get(request) ?? messagesSchema.safeParse(request.body).data ?? [];
  parsed.set(request, messages);
  return messages;
}

/** From now on the request says these instead. */
export function replaceMessages(request: FastifyRequest, messages: readonly BayeuxMessage[]): void {
  parsed.set(request, messages);
}

export function subscriptionsOf(message: BayeuxMessage): readonly string[] {
  const { subscription } = message;
  if (message.channel !== '/meta/subscribe' || subscription === undefined) return [];
  return typeof subscription === 'string' ? [subscription] : subscription;
}

/** The CometD server's own answer when it does not know the session. */
export function unknownSession(message: BayeuxMessage): object {
  const advised = message.channel === '/meta/handshake' || message.channel === '/meta/connect';
  return {
    id: message.id,
    channel: message.channel,
    successful: false,
    error: '402::session_unknown',
    ...(advised ? { advice: { reconnect: 'handshake', interval: 0 } } : {}),
  };
}
