import { randomUUID } from 'node:crypto';
import { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import { notificationRoutes } from '../bayeux/routes.js';
import { bearerOf } from '../http/bearer.js';
import { signedIn, type Identity } from '../http/caller.js';
import { cookieOf, setSessionCookie } from '../http/cookies.js';
import { serveApi } from '../http/engage-api.js';
import { done, failed, springError } from '../http/envelope.js';
import { Refusal } from '../http/refusal.js';
import { type Statistics } from './statistics.js';
import { requestedSchema } from './values.js';

const STATISTICS_COOKIE = 'STATISTICS_SESSIONID';

const creation = z.object({
  operationId: z.string().min(1).optional(),
  data: z.object({ statistics: z.array(requestedSchema).min(1) }),
});
const byId = z.object({ id: z.string() });
const peekQuery = z.object({ statisticIds: z.string().optional() });

/** Statistics v3: a bearer token on every request, CometD included; the session cookie comes by itself. */
export function serveStatistics(root: FastifyInstance, statistics: Statistics): Promise<void> {
  const { platform, sessions, notifications, subscriptions } = statistics;
  return serveApi(root, { notifications, sessions, cookie: STATISTICS_COOKIE, identify, routes }, platform);

  function identify(request: FastifyRequest, reply: FastifyReply): Identity {
    const token = bearerOf(request);
    const user = platform.auth.tokens.grantOf(token)?.user;
    if (user === undefined) {
      const refusal = new Refusal(401, unauthorized(request), { 'www-authenticate': 'Bearer' });
      return { user: platform.auth.tokens.ownerOf(token), caller: undefined, refusal };
    }
    const known = sessions.find(cookieOf(request, STATISTICS_COOKIE));
    if (known?.user === user) return { user, caller: known };
    const caller = sessions.open(user);
    setSessionCookie(reply, STATISTICS_COOKIE, caller.httpSession);
    return { user, caller };
  }

  function unauthorized(request: FastifyRequest): object {
    const message = 'Full authentication is required to access this resource';
    return springError(401, 'Unauthorized', message, request.url, platform.settings.clock.now());
  }

  function routes(app: FastifyInstance): void {
    app.post(
      '/subscriptions',
      signedIn(({ user }, request, reply) => {
        const { operationId = randomUUID(), data } = creation.parse(request.body);
        const opened = subscriptions.open(user, operationId, data.statistics);
        if (opened.kind === 'opened') return answer(operationId, opened.values);
        const problem =
          opened.kind === 'collision' ? `Subscription ${operationId} exists` : 'Too many subscriptions';
        return reply.code(400).send(failed(400, problem));
      }),
    );

    app.get(
      '/subscriptions/:id/statistic-values',
      signedIn(({ user }, request, reply) => {
        const { id } = byId.parse(request.params);
        const values = subscriptions.peek(user, id, peekQuery.parse(request.query).statisticIds?.split(','));
        return values ? answer(id, values) : reply.code(404).send(failed(404, 'No such subscription'));
      }),
    );

    app.delete(
      '/subscriptions/:id',
      signedIn(({ user }, request) => {
        subscriptions.close(user, byId.parse(request.params).id);
        return done();
      }),
    );

    notificationRoutes(app, notifications, platform.settings);
  }
}

function answer(id: string, statistics: readonly object[]): object {
  return { ...done({ subscriptionId: id, operationId: id, statistics }), path: '/subscriptions', errors: [] };
}
