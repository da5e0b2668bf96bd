import type { SessionUser } from '@gw/contract';
import { type Reply, request } from './rest.js';
import { z } from './schema.js';
import type { Activation } from './workspace.js';

const VOICE = '/api/workspace/v3/voice';

/** The requests of this page; each resolves with what became of it. */
export const gatewayApi = {
  session: () => request('GET', '/auth/session'),
  signOut: () => request('POST', '/auth/logout'),
  currentSession: () => request('GET', '/api/workspace/v3/current-session'),

  /** Calls stay until they are completed, as in the platform's own desktop. */
  activateChannels: (activation: Activation) =>
    request('POST', '/api/workspace/v3/activate-channels', {
      data: { ...activation, channels: ['voice'], autoCompleteCall: false },
    }),
  ready: () => request('POST', `${VOICE}/ready`, {}),
  notReady: () => request('POST', `${VOICE}/not-ready`, {}),

  makeCall: (destination: string) => request('POST', `${VOICE}/make-call`, { data: { destination } }),
  /** @param command a word of the call's `capabilities`. */
  call: (id: string, command: CallCommand) =>
    request(
      'POST',
      `${VOICE}/calls/${encodeURIComponent(id)}/${command}`,
      command === 'complete' ? { data: { userData: [] } } : {},
    ),
} satisfies Record<string, (...parameters: never[]) => Promise<Reply>>;

/** The commands that this page offers, in the order of their buttons. */
export const callCommands = ['answer', 'hold', 'retrieve', 'release', 'complete'] as const;
export type CallCommand = (typeof callCommands)[number];

const sessionSchema = z.object({
  user: z.object({ id: z.string(), userName: z.string(), displayName: z.string() }),
});

/** The user of `GET /auth/session`. */
export function parseSessionUser(body: unknown): SessionUser | undefined {
  return sessionSchema.safeParse(body).data?.user;
}
