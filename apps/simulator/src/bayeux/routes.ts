import { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { failed, springError } from '../http/envelope.js';
import { signedIn, type Caller } from '../http/caller.js';
import { Refusal } from '../http/refusal.js';
import { type Settings } from '../options.js';
import { messagesOf, subscriptionsOf, type BayeuxMessage } from './messages.js';
import { type Notifications } from './notifications.js';

/** Client libraries append the message type, a slash, or nothing to the URL. */
export function notificationRoutes(
  app: FastifyInstance,
  notifications: Notifications,
  { clock }: Settings,
): void {
  for (const url of ['/notifications', '/notifications/', '/notifications/*'])
    app.post(url, signedIn(exchange));

  async function exchange(caller: Caller, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const messages = messagesOf(request);
    if (messages.length === 0) throw new Refusal(400, failed(400, 'No Bayeux messages'));
    refuseInvalidChannels(messages, request.url);
    const answer = await notifications.exchange(messages, caller, request.headers.cookie, reply.raw);
    if (!answer) return reply.hijack();
    for (const setCookie of answer.setCookies) reply.header('set-cookie', setCookie);
    return reply.code(answer.status).type('application/json').send(answer.body);
  }

  /** Seen in production, and the CometD server would leave its session in an endless batch. */
  function refuseInvalidChannels(messages: readonly BayeuxMessage[], path: string): void {
    const invalid = messages.flatMap(subscriptionsOf).find((channel) => !/^\/./.test(channel));
    if (invalid === undefined) return;
    const message = `java.lang.IllegalArgumentException: Invalid channel id: ${invalid}`;
    throw new Refusal(500, springError(500, 'Internal Server Error', message, path, clock.now()));
  }
}
