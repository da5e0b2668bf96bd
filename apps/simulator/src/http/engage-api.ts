import { type FastifyInstance, type FastifyRequest } from 'fastify';
import { type Notifications } from '../bayeux/notifications.js';
import { messagesOf, replaceMessages, unknownSession, type BayeuxMessage } from '../bayeux/messages.js';
import { refusals, rewriteReply, withoutAcks } from '../bayeux/reply-faults.js';
import { FAULT_POINTS, type Fault, type FaultPoint, type Faults } from '../control/faults.js';
import { type Seen } from '../control/seen.js';
import { type Timers } from '../timers.js';
import { type Identify } from './caller.js';
import { setSessionCookie } from './cookies.js';
import { failed } from './envelope.js';
import { type HttpSessions } from './http-sessions.js';
import { type FaultAnswer, letFaultsStrike } from './misbehave.js';

export interface EngageApi {
  readonly notifications: Notifications;
  readonly sessions: HttpSessions;
  /** Name of the cookie by which a session is found. */
  readonly cookie: string;
  readonly identify: Identify;
  readonly routes: (app: FastifyInstance) => void;
}

/** Everything the three APIs have in common: who calls, faults, and an account of refusals. */
export async function serveApi(
  root: FastifyInstance,
  { notifications, sessions, cookie, identify, routes }: EngageApi,
  { faults, timers, seen }: { readonly faults: Faults; readonly timers: Timers; readonly seen: Seen },
): Promise<void> {
  const { api } = notifications;
  await root.register(
    (app, _options, registered) => {
      app.addHook('preHandler', async (request, reply) => {
        request.identity = identify(request, reply);
        if (isNotification(request)) notifications.noteArrival(request.identity.user, messagesOf(request));
        else seen.noteApi(request.identity.user, api, (s) => (s.rest += 1));
      });
      app.addHook('onResponse', async (request, reply) => {
        const { statusCode } = reply;
        if (statusCode === 403) seen.noteApi(request.identity.user, api, (s) => (s.forbidden403 += 1));
        if (statusCode === 401) seen.noteApi(request.identity.user, api, (s) => (s.unauthorized401 += 1));
      });
      app.addHook('onSend', async (request, reply, payload: unknown) => {
        const { caller } = request.identity;
        const renewed = caller && sessions.renew(caller.httpSession);
        if (renewed !== undefined) setSessionCookie(reply, cookie, renewed);
        return payload;
      });
      letFaultsStrike(app, faults, timers, {
        occasion: (request) => ({ api, on: pointOf(request), user: request.identity.user }),
        status: (_request, status) => failed(status === 403 ? 603 : status, 'Injected fault'),
        unknownSession: (request) => unknownSessionAnswer(request, notifications),
        refuse: (request, fault) => ({ status: 200, body: refusals(fault, messagesOf(request)) }),
        alter: alterRequest,
        rewrite: (request, fault, body) =>
          isNotification(request) ? rewriteReply(fault, messagesOf(request), body) : body,
      });
      routes(app);
      registered();
    },
    { prefix: `/${api}/v3` },
  );
}

function isNotification(request: FastifyRequest): boolean {
  return request.routeOptions.url?.includes('/notifications') ?? false;
}

function pointOf(request: FastifyRequest): FaultPoint {
  if (isNotification(request)) return metaPoint(messagesOf(request)) ?? 'rest';
  if (request.url.includes('/initialize-')) return 'init';
  return /\/v3\/logout(\?|$)/.test(request.url) ? 'logout' : 'rest';
}

function metaPoint([message]: readonly BayeuxMessage[]): FaultPoint | undefined {
  return FAULT_POINTS.find((point) => message?.channel === `/meta/${point}`);
}

function alterRequest(request: FastifyRequest, { kind }: Fault): void {
  if (kind === 'ignore-ack') replaceMessages(request, withoutAcks(messagesOf(request)));
}

function unknownSessionAnswer(request: FastifyRequest, notifications: Notifications): FaultAnswer {
  if (!isNotification(request)) return { status: 403, body: failed(603, 'Unauthorized') };
  notifications.noteUnknownSession(request.identity.user);
  return { status: 200, body: messagesOf(request).map(unknownSession) };
}
