import { type FastifyInstance } from 'fastify';
import { z } from 'zod';
import { signedIn } from '../http/caller.js';
import { done, failed } from '../http/envelope.js';
import { CHAT_COMMANDS } from './chat.js';
import { type Commands } from './commands.js';
import { MEDIA_TYPES, type AgentState } from './desks.js';
import { type Workspace } from './workspace.js';

const CHANNEL_STATES: Readonly<Record<string, AgentState>> = {
  ready: 'Ready',
  'not-ready': 'NotReady',
  logout: 'LoggedOut',
};

export function mediaRoutes(app: FastifyInstance, { desks, chats }: Workspace, commands: Commands): void {
  for (const [name, state] of Object.entries(CHANNEL_STATES)) {
    for (const type of MEDIA_TYPES) {
      app.post(
        `/media/${type}/${name}`,
        commands.handler(({ user }) => desks.changeMedia(user, [type], state)),
      );
    }
    app.post(
      `/media/${name}`,
      commands.handler(({ user }) => {
        desks.changeMedia(user, [...desks.of(user).media.keys()], state);
      }),
    );
  }
  app.post(
    '/media/dnd-on',
    commands.handler(({ user }) => desks.setDoNotDisturb(user, true)),
  );
  app.post(
    '/media/dnd-off',
    commands.handler(({ user }) => desks.setDoNotDisturb(user, false)),
  );
  for (const name of CHAT_COMMANDS) {
    app.post(
      `/media/chat/interactions/:id/${name}`,
      commands.handler(({ user, params, data, operationId }) => {
        chats.command(user, params.id ?? '', name, data, operationId);
      }),
    );
  }
  app.get(
    '/media/chat/interactions/:id/messages',
    signedIn(({ user }, request, reply) => {
      const { id } = z.object({ id: z.string() }).parse(request.params);
      const messages = chats.transcriptOf(user, id);
      return messages ? done({ messages }) : reply.code(404).send(failed(404, 'No such interaction'));
    }),
  );
  app.post(
    '/media/*',
    signedIn((_caller, _request, reply) => reply.code(501).send(failed(501, 'Not implemented'))),
  );
}
