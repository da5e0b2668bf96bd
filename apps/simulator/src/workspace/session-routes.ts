import { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import { placeOf } from '../agents.js';
import { isAllowedRedirect } from '../auth/clients.js';
import { bearerOf } from '../http/bearer.js';
import { signedIn, type Caller } from '../http/caller.js';
import { setSessionCookie } from '../http/cookies.js';
import { accepted, done, failed } from '../http/envelope.js';
import { Refusal } from '../http/refusal.js';
import { configurationData, personOf } from './profile.js';
import { type Workspace } from './workspace.js';

export const WORKSPACE_COOKIE = 'WORKSPACE_SESSIONID';

const codeQuery = z.object({ code: z.string(), redirect_uri: z.string() });
const activation = z.object({
  data: z.looseObject({
    agentId: z.string(),
    placeName: z.string().nullish(),
    dn: z.string().nullish(),
    channels: z.array(z.string()),
    autoCompleteCall: z.boolean().default(true),
    agentWorkMode: z.string().default('ManualIn'),
  }),
});

/** Coming, looking around, and going. */
export function sessionRoutes(app: FastifyInstance, workspace: Workspace): void {
  const { auth, directory, seen, settings } = workspace.platform;

  app.post('/initialize-workspace', (request, reply) => {
    const caller = workspace.initialize(requireUser(request));
    seen.noteApi(caller.user, 'workspace', (s) => (s.sessionInits += 1));
    setSessionCookie(reply, WORKSPACE_COOKIE, caller.httpSession);
    return accepted();
  });

  app.get(
    '/current-session',
    signedIn((caller) => done(currentSession(caller))),
  );
  app.get(
    '/configuration',
    signedIn(() => done(configurationData)),
  );

  app.get(
    '/targets',
    signedIn(() => {
      const targets = directory.all.map((agent) => {
        const { firstName, lastName, dn } = agent;
        const availability = workspace.desks.of(agent.name).voice.agentState;
        return {
          id: agent.name,
          type: 'agent',
          name: `${firstName} ${lastName}`,
          firstName,
          lastName,
          number: dn,
          availability,
        };
      });
      return done({ targets, totalMatches: targets.length });
    }),
  );

  app.post(
    '/activate-channels',
    signedIn((caller, request, reply) => {
      const { data } = activation.parse(request.body);
      if (!data.placeName && !data.dn) return failed(400, 'placeName or dn is required');
      reply.raw.once('close', () => activate(caller.user, data));
      return done();
    }),
  );

  app.post(
    '/logout',
    signedIn((caller, _request, reply) => leave(caller, reply).send(done())),
  );
  app.get(
    '/logout',
    signedIn((caller, request, reply) => {
      const { redirect_uri: to } = z.object({ redirect_uri: z.string() }).partial().parse(request.query);
      const left = leave(caller, reply);
      return to !== undefined && isAllowedRedirect(to, settings.redirectUris)
        ? left.redirect(to, 302)
        : left.send(done());
    }),
  );

  /** By bearer token, or by an authorization code that Workspace redeems itself. */
  function requireUser(request: FastifyRequest): string {
    const byToken = auth.tokens.grantOf(bearerOf(request))?.user;
    const query = codeQuery.safeParse(request.query).data;
    const user = byToken ?? (query && userOfCode(query));
    if (user === undefined) throw new Refusal(401, failed(401, 'Invalid access token'));
    return user;
  }

  function userOfCode({ code, redirect_uri: redirectUri }: z.infer<typeof codeQuery>): string | undefined {
    const clientId = auth.codes.clientOf(code) ?? '';
    return auth.codes.redeem({ code, clientId, redirectUri, codeVerifier: undefined })?.user;
  }

  function activate(user: string, data: z.infer<typeof activation>['data']): void {
    workspace.desks.of(user).autoCompleteCall = data.autoCompleteCall;
    if (data.channels.includes('voice')) {
      workspace.desks.changeVoice(user, { agentState: 'NotReady', agentWorkMode: data.agentWorkMode });
    }
    const media = data.channels.filter((channel) => channel !== 'voice');
    if (media.length > 0) workspace.desks.changeMedia(user, media, 'NotReady');
  }

  function leave(caller: Caller, reply: FastifyReply): FastifyReply {
    workspace.logout(caller);
    seen.noteApi(caller.user, 'workspace', (s) => (s.logouts += 1));
    return reply.clearCookie(WORKSPACE_COOKIE, { path: '/' });
  }

  function currentSession({ user, httpSession }: Caller): object {
    const agent = directory.require(user);
    const { voice, autoCompleteCall } = workspace.desks.of(user);
    return {
      'pending-login-async': { state: workspace.initializations.stateOf(httpSession), errors: [] },
      user: {
        ...personOf(agent),
        activeSession: {
          autoCompleteCall,
          currentPlace: placeOf(agent),
          dn: voice.agentState === 'LoggedOut' ? null : workspace.desks.dnOf(user),
          calls: workspace.calls.seenBy(user),
          interactions: workspace.chats.seenBy(user),
          media: { channels: workspace.desks.mediaOf(user) },
          services: ['VOICE', 'STATS', 'IXN'].map((serviceName) => ({
            serviceName,
            serviceState: 'AVAILABLE',
          })),
          agentReserved: 0,
        },
      },
    };
  }
}
