import { type FastifyReplyFromHooks } from '@fastify/reply-from';
import { GatewayError } from '@gw/kernel';
import { upstreamUnreachable } from '@gw/upstream';
import { type FastifyReply } from 'fastify';
import { responseHeaders } from '../response-headers.js';
import { carrying, type Departure } from './exchange-dispatcher.js';
import { type ProxyOptions } from './proxy-options.js';

/** The same for every request, so that reply-from parses one address in all. */
const SOURCE = '/';

/** Lets reply-from ask for the answer and stream it. It repeats nothing by itself: the exchange does. */
export function sendAnswer(
  reply: FastifyReply,
  departure: Departure,
  sendProblem: ProxyOptions['sendProblem'],
): void {
  const hooks: FastifyReplyFromHooks = {
    queryString: noQuery,
    rewriteRequestHeaders: () => carrying(departure),
    rewriteHeaders: (upstream) => responseHeaders(upstream, reply.getHeader('vary')),
    retryDelay: never,
    onResponse: (_request, _reply, { stream }) => void reply.send(departure.exchange.whole ?? stream),
    onError: (_reply, { error }) =>
      sendProblem(reply, error.cause instanceof GatewayError ? error.cause : upstreamUnreachable(error)),
  };
  reply.from(SOURCE, hooks);
}

const noQuery = () => '';
const never = () => null;
