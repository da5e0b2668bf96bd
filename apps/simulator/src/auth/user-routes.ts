import { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import { CONTACT_CENTER_ID, ENVIRONMENT_ID, TENANT, emailOf, type Agent } from '../agents.js';
import { bearerOf } from '../http/bearer.js';
import { cookieOf } from '../http/cookies.js';
import { done } from '../http/envelope.js';
import { type Authentication } from './authentication.js';
import { isAllowedRedirect } from './clients.js';
import { LOGIN_COOKIE } from './login-sessions.js';
import { messagePage } from './sign-in-page.js';
import { oauthError } from './token-routes.js';

/** Who am I, and the ways out. */
export function userRoutes(app: FastifyInstance, auth: Authentication): void {
  app.get('/userinfo', (request) => cloudUserDetails(auth.directory.require(holder(request).user)));
  app.get('/openid/userinfo', (request) => openIdUser(auth.directory.require(holder(request).user)));

  app.post('/sign-out', (request) => {
    const { user, token, loginSession } = holder(request);
    const isGlobal = z.object({ global: z.literal('true') }).safeParse(request.query).success;
    auth.tokens.signOut(token, isGlobal);
    if (isGlobal) auth.logins.closeAllOf(user);
    auth.logins.close(loginSession);
    auth.seen.note(user, (seen) => (seen.signOuts += 1));
    return done();
  });

  app.get('/sign-out', (request, reply) => {
    const loginSession = cookieOf(request, LOGIN_COOKIE);
    auth.seen.note(auth.logins.userOf(loginSession), (seen) => (seen.signOuts += 1));
    auth.logins.close(loginSession);
    return leave(reply.clearCookie(LOGIN_COOKIE, { path: '/' }), request.query);
  });

  function leave(reply: FastifyReply, query: unknown): FastifyReply {
    const { redirectUri } = z.object({ redirectUri: z.string().optional() }).safeParse(query).data ?? {};
    if (redirectUri === undefined) return sendPage(reply, 200, 'You are signed out.');
    if (isAllowedRedirect(redirectUri, auth.settings.redirectUris)) return reply.redirect(redirectUri, 302);
    return sendPage(reply, 400, 'You are signed out. The address to return to is not registered.');
  }

  /** @throws {Refusal} when the bearer token is missing, unknown or expired */
  function holder(request: FastifyRequest): {
    user: string;
    token: string;
    loginSession: string | undefined;
  } {
    const token = bearerOf(request);
    const grant = auth.tokens.grantOf(token);
    if (token === undefined || !grant) throw oauthError(401, 'invalid_token', 'Invalid access token');
    return { user: grant.user, token, loginSession: grant.loginSession };
  }
}

function sendPage(reply: FastifyReply, status: number, message: string): FastifyReply {
  return reply.code(status).type('text/html; charset=utf-8').send(messagePage('Sign-out', message));
}

function rolesOf(agent: Agent): { name: string; privileges: string[] }[] {
  const roles = agent.isAdmin ? ['ROLE_AGENT', 'ROLE_ADMIN'] : ['ROLE_AGENT'];
  return roles.map((name) => ({ name, privileges: [] }));
}

function cloudUserDetails(agent: Agent): object {
  return {
    username: `${TENANT}\\${agent.name}`,
    loginName: agent.name,
    cmeUserName: emailOf(agent),
    contactCenterId: CONTACT_CENTER_ID,
    environmentId: ENVIRONMENT_ID,
    dbid: agent.dbid,
    authorities: rolesOf(agent),
    properties: {},
  };
}

function openIdUser(agent: Agent): object {
  return {
    sub: String(agent.dbid),
    user_name: `${TENANT}\\${agent.name}`,
    given_name: agent.firstName,
    family_name: agent.lastName,
    email: emailOf(agent),
    authorities: rolesOf(agent),
    dbid: agent.dbid,
    contact_center_id: CONTACT_CENTER_ID,
    environment_id: ENVIRONMENT_ID,
    properties: {},
  };
}
