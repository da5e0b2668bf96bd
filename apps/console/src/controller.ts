import type { Action } from './action.js';
import { needsRefetch } from './console-state.js';
import { CursorMemory } from './cursor-memory.js';
import { type CallCommand, gatewayApi, parseSessionUser } from './gateway-api.js';
import type { Reply } from './rest.js';
import { NotificationSocket } from './socket.js';
import { Store } from './store.js';
import { parseCurrentSession } from './workspace-messages.js';

/** Connects the state with the gateway: acts on what the person wants, and on what the state asks for. */
export class Controller {
  readonly store = new Store();
  readonly #cursors = new CursorMemory(sessionStorage);
  #socket: NotificationSocket | undefined;
  #refetching = false;

  /** Looks for a session, and connects if there is one. */
  async start(): Promise<void> {
    const reply = await gatewayApi.session();
    const user = reply.ok ? parseSessionUser(reply.body) : undefined;
    if (user) {
      this.dispatch({ type: 'signed-in', user, after: this.#cursors.load(user.id) });
      this.#connect();
    } else if (isSignedOut(reply)) {
      this.dispatch({ type: 'signed-out' });
    } else {
      this.dispatch({ type: 'gateway-unreachable' });
    }
  }

  readonly dispatch = (action: Action): void => {
    this.store.dispatch(action);
    this.#follow();
  };

  async signOut(): Promise<void> {
    await this.#run('sign-out', 'Sign out', async () => {
      const reply = await gatewayApi.signOut();
      if (reply.ok) {
        this.#cursors.forget();
        this.dispatch({ type: 'signed-out', notice: 'You have signed out.' });
      }
      return reply;
    });
  }

  async activate(): Promise<void> {
    await this.#run('activate', 'Activate channels', async () => {
      if (!this.store.state.workspace.activation) await this.#refetch();
      const { activation } = this.store.state.workspace;
      if (activation) return gatewayApi.activateChannels(activation);
      return { ok: false, message: 'The platform names no agent id and place for you' };
    });
  }

  ready = (): Promise<void> => this.#run('ready', 'Ready', gatewayApi.ready);

  notReady = (): Promise<void> => this.#run('not-ready', 'Not ready', gatewayApi.notReady);

  makeCall = (destination: string): Promise<void> =>
    this.#run('call', `Call ${destination}`, () => gatewayApi.makeCall(destination));

  commandCall = (id: string, command: CallCommand): Promise<void> =>
    this.#run(`${id} ${command}`, `Call command ${command}`, () => gatewayApi.call(id, command));

  /** One request for each command at a time; a second click waits for nothing and does nothing. */
  async #run(command: string, label: string, send: () => Promise<Reply>): Promise<void> {
    if (this.store.state.running.includes(command)) return;
    this.dispatch({ type: 'command-started', command });
    const reply = await send();
    this.dispatch({ type: 'command-settled', command });
    this.#report(label, reply);
  }

  #report(label: string, reply: Reply): void {
    if (reply.ok) this.dispatch({ type: 'session-used' });
    else if (isSignedOut(reply)) this.dispatch({ type: 'signed-out', notice: 'Your session is over.' });
    else this.dispatch({ type: 'failed', text: `${label}: ${reply.message}` });
  }

  #connect(): void {
    this.#socket = new NotificationSocket({
      cursor: () => this.store.state.cursor,
      dispatch: this.dispatch,
    });
    this.#socket.open();
  }

  #follow(): void {
    const { session, cursor } = this.store.state;
    if (session.kind !== 'signed-in') {
      this.#socket?.close();
      this.#socket = undefined;
      return;
    }
    if (cursor !== undefined) this.#cursors.save(session.user.id, cursor);
    if (needsRefetch(this.store.state)) void this.#refetch();
  }

  /** One at a time: an older answer must not overtake a newer one. */
  async #refetch(): Promise<void> {
    if (this.#refetching) return;
    this.#refetching = true;
    this.dispatch({ type: 'refetch-started' });
    const asOf = this.store.state.workspace.revision;
    const reply = await gatewayApi.currentSession();
    this.#refetching = false;
    const session = reply.ok ? parseCurrentSession(reply.body) : undefined;
    if (session) this.dispatch({ type: 'refetched', session, asOf });
    this.#report('Agent state', reply);
  }
}

/** Only the gateway's own answer counts: it has a `code`. The platform's 401 is about something else. */
const isSignedOut = (reply: Reply): boolean => !reply.ok && reply.status === 401 && reply.code !== undefined;
