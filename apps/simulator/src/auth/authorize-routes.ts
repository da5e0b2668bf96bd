import { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import { cookieOf, setSessionCookie } from '../http/cookies.js';
import { type Authentication } from './authentication.js';
import { isAllowedRedirect } from './clients.js';
import { LOGIN_COOKIE } from './login-sessions.js';
import { messagePage, signInPage } from './sign-in-page.js';

const authorizationRequest = z.object({
  client_id: z.string(),
  redirect_uri: z.string(),
  response_type: z.string().optional(),
  state: z.string().optional(),
  code_challenge: z.string().optional(),
  code_challenge_method: z.string().optional(),
});
type AuthorizationRequest = z.infer<typeof authorizationRequest>;

const signInForm = authorizationRequest.extend({ username: z.string(), password: z.string() });

/** The browser's part of the code flow: authorization endpoint and sign-in page. */
export function authorizeRoutes(app: FastifyInstance, auth: Authentication): void {
  app.get('/oauth/authorize', (request, reply) => {
    const asked = authorizationRequest.safeParse(request.query);
    const problem = asked.success ? problemOf(asked.data) : 'client_id and redirect_uri are required.';
    if (!asked.success || problem !== undefined) return refusePage(reply, problem);
    const error = errorOf(asked.data);
    if (error !== undefined) return reply.redirect(back(asked.data, { error }), 302);
    const loginSession = cookieOf(request, LOGIN_COOKIE);
    const user = auth.logins.userOf(loginSession);
    if (user === undefined) return showSignIn(reply, asked.data);
    return reply.redirect(back(asked.data, { code: issueCode(asked.data, user, loginSession) }), 302);
  });

  app.post('/sign-in', (request, reply) => {
    const form = signInForm.safeParse(request.body);
    const problem = form.success ? problemOf(form.data) : 'The sign-in form is not complete.';
    if (!form.success || problem !== undefined) return refusePage(reply, problem);
    const { username, password, ...asked } = form.data;
    const agent = auth.directory.withCredentials(username, password);
    if (!agent) return showSignIn(reply.code(401), asked, username);
    const loginSession = auth.logins.open(agent.name);
    setSessionCookie(reply, LOGIN_COOKIE, loginSession);
    return reply.redirect(back(asked, { code: issueCode(asked, agent.name, loginSession) }), 303);
  });

  app.get('/ping', (request: FastifyRequest, reply) => {
    const isSignedIn = auth.logins.userOf(cookieOf(request, LOGIN_COOKIE)) !== undefined;
    return reply.code(isSignedIn ? 200 : 403).send({ status: { code: isSignedIn ? 0 : 603 } });
  });

  /** These must not redirect: the address to redirect to is what cannot be trusted (RFC 6749 §4.1.2.1). */
  function problemOf(asked: AuthorizationRequest): string | undefined {
    if (!auth.settings.clients.some(({ id }) => id === asked.client_id))
      return 'This client is not registered.';
    const isAllowed = isAllowedRedirect(asked.redirect_uri, auth.settings.redirectUris);
    return isAllowed ? undefined : 'This redirect URI is not registered for the client.';
  }

  function issueCode(asked: AuthorizationRequest, user: string, loginSession: string | undefined): string {
    const grant = { user, clientId: asked.client_id, loginSession };
    return auth.codes.issue(grant, asked.redirect_uri, asked.code_challenge);
  }
}

function errorOf(asked: AuthorizationRequest): string | undefined {
  if (asked.response_type !== 'code') return 'unsupported_response_type';
  const isPlain = asked.code_challenge !== undefined && asked.code_challenge_method !== 'S256';
  return isPlain ? 'invalid_request' : undefined;
}

function back({ redirect_uri, state }: AuthorizationRequest, answer: Record<string, string>): string {
  const url = new URL(redirect_uri);
  for (const [name, value] of Object.entries(answer)) url.searchParams.set(name, value);
  if (state !== undefined) url.searchParams.set('state', state);
  return url.href;
}

function showSignIn(reply: FastifyReply, asked: AuthorizationRequest, failedUserName?: string): FastifyReply {
  const hidden = Object.fromEntries(Object.entries(asked).filter((field) => field[1] !== undefined));
  const error = failedUserName === undefined ? undefined : 'The user name or the password is wrong.';
  return sendPage(reply, signInPage({ hidden, userName: failedUserName ?? '', error }));
}

function refusePage(reply: FastifyReply, problem: string | undefined): FastifyReply {
  return sendPage(reply.code(400), messagePage('This sign-in cannot go on', problem ?? ''));
}

function sendPage(reply: FastifyReply, html: string): FastifyReply {
  return reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').send(html);
}
