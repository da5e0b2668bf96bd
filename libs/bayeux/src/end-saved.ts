import { Cancellation, type Clock } from '@gw/kernel';
import { type BayeuxHttp } from './bayeux-http.js';
import { endpointOf, META_DISCONNECT } from './message.js';
import { clientIdIn } from './saved-session.js';

export interface SavedEnd {
  /** The server's URL, as a session is opened with it. */
  readonly url: string;
  readonly http: BayeuxHttp;
  /** `Inbound.state` of the last inbound that was stored. */
  readonly state: string;
  readonly clock: Clock;
}

const DEADLINE_MS = 5_000;

/**
 * Ends a session at the server of which only its state is left. Tried once: whatever fails, the server
 * forgets a silent session by itself. Never rejects, and resolves within 5 s.
 */
export async function endSaved({ url, http, state, clock }: SavedEnd): Promise<void> {
  const clientId = clientIdIn(state);
  if (clientId === undefined) return;
  const cancellation = new Cancellation();
  // Async, so that nothing is thrown from here.
  const post = async () =>
    http.post({
      url: endpointOf(url, 'disconnect'),
      body: JSON.stringify([{ id: '1', channel: META_DISCONNECT, clientId }]),
      timeoutMs: DEADLINE_MS,
      isHandshake: false,
      cancellation,
    });
  await new Promise<void>((resolve) => {
    const deadline = clock.schedule(() => {
      cancellation.cancel();
      resolve();
    }, DEADLINE_MS);
    const done = () => {
      deadline.cancel();
      resolve();
    };
    post().then(done, done);
  });
}
