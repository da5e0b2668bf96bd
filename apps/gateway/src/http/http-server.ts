import { type IncomingMessage } from 'node:http';
import { GatewayError } from '@gw/kernel';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import { type Logger } from 'pino';
import { type Config } from '../config.js';
import { Cors } from './cors.js';
import { framingFaultOf } from './message-framing.js';
import { refuseBytes } from './raw-problem.js';
import { OWN_HEADERS, transportPolicy } from './security-headers.js';
import { sendProblem } from './send-problem.js';

/** How long a client may take to send a whole request, in milliseconds: a large upload over a slow line. */
const REQUEST_TIMEOUT_MS = 3_600_000;

/** How long a client may take over a request's head, in milliseconds, also before its first byte. */
const HEADERS_TIMEOUT_MS = 15_000;
const CHECK_INTERVAL_MS = 5_000;

/**
 * How long a connection may be without any byte either way, in milliseconds: somebody who stops reading. Long
 * polls are shorter, streams have heartbeats, and whoever waits for the upstream waits this much longer.
 */
const IDLE_TIMEOUT_MS = 120_000;
const IDLE_MARGIN_MS = 30_000;

/** An id that a load balancer gave; anything else is replaced, as it ends up in logs. */
const REQUEST_ID = /^[\w-]{1,64}$/;

/** Fastify for Nest, as the gateway wants it. */
export function httpAdapter(log: Logger, instanceId: string, upstreamTimeoutMs: number): FastifyAdapter {
  let requests = 0;
  const nextId = () => `${instanceId}-${(requests += 1).toString(36)}`;
  return new FastifyAdapter({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    // One logger for all: a child for each request costs more than it tells.
    childLoggerFactory: (logger: FastifyBaseLogger) => logger,
    genReqId: ({ headers }: IncomingMessage) => {
      const given = headers['x-request-id'];
      return typeof given === 'string' && REQUEST_ID.test(given) ? given : nextId();
    },
    // A target that the router cannot read comes here, past every route and filter.
    frameworkErrors: (error: FastifyError, _request: FastifyRequest, reply: FastifyReply) =>
      sendProblem(reply, error),
    clientErrorHandler: refuseBytes,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionTimeout: Math.max(IDLE_TIMEOUT_MS, upstreamTimeoutMs + IDLE_MARGIN_MS),
    http: { headersTimeout: HEADERS_TIMEOUT_MS, connectionsCheckingInterval: CHECK_INTERVAL_MS },
    // Who reaches us in the moment in which we close is answered like everybody else.
    return503OnClosing: false,
    skipMiddie: true,
  });
}

type Origins = Pick<Config['origins'], 'own' | 'allowed'>;

/**
 * What holds for every route: messages that can be read in one way only, headers for browsers, CORS for our own
 * origins, and no body is read for which nobody asked.
 */
export function prepareRoutes(fastify: FastifyInstance, { own, allowed }: Origins): void {
  const hsts = transportPolicy(own);
  const cors = new Cors(allowed);
  fastify.addHook('onRequest', (request, reply, done) => {
    if (hsts !== undefined) reply.header('strict-transport-security', hsts);
    // The proxy has headers of its own for what is not ours.
    const isForProxy = isProxied(request.raw.url);
    if (!isForProxy) reply.headers(OWN_HEADERS);
    const fault = framingFaultOf(request.raw);
    if (fault !== undefined) {
      // Nobody knows what the bytes behind it are.
      sendProblem(reply.header('connection', 'close'), new GatewayError('bad_request', 'bad_request', fault));
      return;
    }
    cors.add(request, reply);
    if (isForCors(request, isForProxy)) cors.answerPreflight(request, reply);
    else done();
  });
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', (_request, payload, done) => {
    payload.resume();
    done(null);
  });
}

const isProxied = (url: string | undefined): boolean => url?.startsWith('/api/') === true;

/**
 * An OPTIONS that is no preflight is answered like one, save by the upstream: no browser sends it by itself. `OPTIONS *`
 * (RFC 9110 §9.3.7) is about no page at all.
 */
function isForCors({ method, headers, raw }: FastifyRequest, isForProxy: boolean): boolean {
  if (method !== 'OPTIONS' || raw.url === '*') return false;
  return !isForProxy || Boolean(headers['access-control-request-method']);
}
