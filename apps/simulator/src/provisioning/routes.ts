import { type FastifyInstance, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import { emailOf, placeOf, type Agent } from '../agents.js';
import { notificationRoutes } from '../bayeux/routes.js';
import { bearerOf } from '../http/bearer.js';
import { signedIn, type Identity } from '../http/caller.js';
import { cookieOf, setSessionCookie } from '../http/cookies.js';
import { serveApi } from '../http/engage-api.js';
import { accepted, done, failed } from '../http/envelope.js';
import { Refusal } from '../http/refusal.js';
import { type Provisioning } from './provisioning.js';

const PROVISIONING_COOKIE = 'PROVISIONING_SESSIONID';

const listQuery = z.object({
  _aioId: z.string().min(1).optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
  offset: z.coerce.number().int().min(0).default(0),
  filterParameters: z.string().optional(),
});
type ListQuery = z.infer<typeof listQuery>;

/** Provisioning v3: for administrators; by cookie once initialised. */
export function serveProvisioning(root: FastifyInstance, provisioning: Provisioning): Promise<void> {
  const { platform, sessions, notifications } = provisioning;
  const { auth, directory, seen, timers, settings } = platform;
  return serveApi(root, { notifications, sessions, cookie: PROVISIONING_COOKIE, identify, routes }, platform);

  function identify(request: FastifyRequest): Identity {
    const cookie = cookieOf(request, PROVISIONING_COOKIE);
    const caller = sessions.find(cookie);
    if (caller) return { user: caller.user, caller };
    const user = sessions.ownerOf(cookie) ?? auth.tokens.ownerOf(bearerOf(request));
    return { user, caller: undefined, refusal: forbidden() };
  }

  function routes(app: FastifyInstance): void {
    app.post('/initialize-provisioning', (request, reply) => {
      const { user, httpSession } = sessions.open(requireAdmin(request).name);
      seen.noteApi(user, 'provisioning', (s) => (s.sessionInits += 1));
      setSessionCookie(reply, PROVISIONING_COOKIE, httpSession);
      return done({ sessionId: httpSession });
    });

    app.get(
      '/objects/users',
      signedIn((_caller, request) => done(users(listQuery.parse(request.query)))),
    );

    app.post(
      '/operations/get-users',
      signedIn(({ user }, request, reply) => {
        const query = listQuery.parse(request.query);
        const { _aioId: id } = query;
        if (id === undefined) return reply.code(400).send(failed(400, '_aioId is required'));
        timers.after(settings.eventDelayMs, () =>
          provisioning.publishResult(user, id, '/operations/get-users', users(query)),
        );
        return accepted();
      }),
    );

    app.route({
      method: ['GET', 'POST'],
      url: '/logout',
      handler: signedIn((caller, _request, reply) => {
        provisioning.logout(caller);
        seen.noteApi(caller.user, 'provisioning', (s) => (s.logouts += 1));
        return reply.clearCookie(PROVISIONING_COOKIE, { path: '/' }).send(done());
      }),
    });

    notificationRoutes(app, notifications, settings);
  }

  function requireAdmin(request: FastifyRequest): Agent {
    const grant = auth.tokens.grantOf(bearerOf(request));
    if (!grant) throw new Refusal(401, failed(401, 'Invalid access token'));
    const agent = directory.require(grant.user);
    if (!agent.isAdmin) throw forbidden();
    return agent;
  }

  function users({ limit, offset, filterParameters }: ListQuery): object {
    const found = directory.all.filter(({ name }) => name.includes(filterParameters ?? ''));
    return { users: found.slice(offset, offset + limit).map(person), totalCount: found.length };
  }
}

function forbidden(): Refusal {
  return new Refusal(403, failed(603, 'Unauthorized'));
}

function person(agent: Agent): object {
  return {
    DBID: agent.dbid,
    userName: emailOf(agent),
    employeeID: agent.name,
    firstName: agent.firstName,
    lastName: agent.lastName,
    emailAddress: emailOf(agent),
    loginCode: agent.dn,
    placeNames: [placeOf(agent)],
    isAgent: true,
    enabled: true,
  };
}
