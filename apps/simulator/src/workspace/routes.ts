import { type FastifyInstance, type FastifyRequest } from 'fastify';
import { notificationRoutes } from '../bayeux/routes.js';
import { bearerOf } from '../http/bearer.js';
import { type Identity } from '../http/caller.js';
import { cookieOf } from '../http/cookies.js';
import { serveApi } from '../http/engage-api.js';
import { failed } from '../http/envelope.js';
import { Refusal } from '../http/refusal.js';
import { Commands } from './commands.js';
import { mediaRoutes } from './media-routes.js';
import { WORKSPACE_COOKIE, sessionRoutes } from './session-routes.js';
import { voiceRoutes } from './voice-routes.js';
import { type Workspace } from './workspace.js';

/** Workspace v3. After initialize-workspace the session cookie alone tells who calls. */
export function serveWorkspace(root: FastifyInstance, workspace: Workspace): Promise<void> {
  const { platform, sessions, notifications } = workspace;
  const commands = new Commands(platform.settings, platform.timers);
  return serveApi(root, { notifications, sessions, cookie: WORKSPACE_COOKIE, identify, routes }, platform);

  function identify(request: FastifyRequest): Identity {
    const cookie = cookieOf(request, WORKSPACE_COOKIE);
    const caller = sessions.find(cookie);
    if (caller) return { user: caller.user, caller };
    const user = sessions.ownerOf(cookie) ?? platform.auth.tokens.ownerOf(bearerOf(request));
    return { user, caller: undefined, refusal: new Refusal(403, failed(603, 'Unauthorized')) };
  }

  function routes(app: FastifyInstance): void {
    sessionRoutes(app, workspace);
    voiceRoutes(app, workspace, commands);
    mediaRoutes(app, workspace, commands);
    notificationRoutes(app, notifications, platform.settings);
  }
}
