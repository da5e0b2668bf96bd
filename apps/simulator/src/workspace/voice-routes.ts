import { type FastifyInstance } from 'fastify';
import { signedIn } from '../http/caller.js';
import { done, failed } from '../http/envelope.js';
import { CALL_COMMANDS } from './call.js';
import { type Command, type Commands } from './commands.js';
import { type Voice } from './desks.js';
import { type Workspace } from './workspace.js';

/** Commands on the phone line, and what each makes of it. */
const LINE_COMMANDS: Readonly<Record<string, (data: Command['data']) => Partial<Voice>>> = {
  ready: ({ agentWorkMode }) => ({ agentState: 'Ready', reasons: [], ...workMode(agentWorkMode) }),
  'not-ready': ({ reasonCode, agentWorkMode }) => ({
    agentState: 'NotReady',
    reasons: reasonCode === undefined ? [] : [{ key: 'ReasonCode', type: 'str', value: reasonCode }],
    ...workMode(agentWorkMode),
  }),
  'dnd-on': () => ({ dnd: true }),
  'dnd-off': () => ({ dnd: false }),
  login: ({ agentWorkMode }) => ({ agentState: 'NotReady', ...workMode(agentWorkMode) }),
  logout: () => ({ agentState: 'LoggedOut', agentWorkMode: 'Unknown', reasons: [], dnd: false }),
  'set-forward': ({ forwardTo }) => ({ forwardTo: forwardTo ?? null }),
  'cancel-forward': () => ({ forwardTo: null }),
};

function workMode(agentWorkMode: string | undefined): Partial<Voice> {
  return agentWorkMode === undefined ? {} : { agentWorkMode };
}

export function voiceRoutes(app: FastifyInstance, { calls, desks }: Workspace, commands: Commands): void {
  for (const [name, change] of Object.entries(LINE_COMMANDS)) {
    app.post(
      `/voice/${name}`,
      commands.handler(({ user, data }) => desks.changeVoice(user, change(data))),
    );
  }
  app.post(
    '/voice/make-call',
    commands.handler(({ user, data, operationId }) => {
      calls.make(user, data.destination ?? '', data.userData ?? [], operationId);
    }),
  );
  for (const name of CALL_COMMANDS) {
    app.post(
      `/voice/calls/:id/${name}`,
      commands.handler(({ user, params, data, operationId }) => {
        calls.command(user, params.id ?? '', name, data, operationId);
      }),
    );
  }
  app.get(
    '/voice/calls',
    signedIn(({ user }) => done({ calls: calls.seenBy(user) })),
  );
  app.post(
    '/voice/*',
    signedIn((_caller, _request, reply) => reply.code(501).send(failed(501, 'Not implemented'))),
  );
}
