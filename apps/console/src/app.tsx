import { useEffect, useState } from 'preact/hooks';
import { AgentPanel } from './components/agent-panel.js';
import { CallPanel } from './components/call-panel.js';
import { ConnectionBar } from './components/connection-bar.js';
import { NotificationPanel } from './components/notification-panel.js';
import { PageHeader } from './components/page-header.js';
import { PayloadDialog } from './components/payload-dialog.js';
import { Problems } from './components/problems.js';
import { SessionNotice } from './components/session-notice.js';
import { Welcome } from './components/welcome.js';
import type { ConsoleState } from './console-state.js';
import type { Controller } from './controller.js';
import type { Store } from './store.js';

export function App({ controller }: { controller: Controller }) {
  const state = useStore(controller.store);
  const { session } = state;
  if (session.kind !== 'signed-in')
    return <Welcome session={session} onRetry={() => void controller.start()} />;
  return (
    <>
      <PageHeader
        user={session.user}
        busy={state.running.includes('sign-out')}
        onSignOut={() => void controller.signOut()}
      />
      <ConnectionBar socket={state.socket} apis={state.apis} />
      {session.expiring && <SessionNotice event={session.expiring} />}
      <main class="workplace">
        <Workplace state={state} controller={controller} />
      </main>
    </>
  );
}

function Workplace({ state, controller }: { state: ConsoleState; controller: Controller }) {
  const { dispatch } = controller;
  const { workspace, log, running } = state;
  return (
    <>
      <div class="desk">
        <Problems problems={state.problems} onDismiss={(id) => dispatch({ type: 'problem-dismissed', id })} />
        <AgentPanel agent={workspace.agent} running={running} controller={controller} />
        <CallPanel calls={workspace.calls} running={running} controller={controller} />
        <p role="status" class="visually-hidden">
          {workspace.announcement}
        </p>
      </div>
      <NotificationPanel log={log} apis={Object.keys(state.apis)} dispatch={dispatch} />
      {log.open && <PayloadDialog entry={log.open} onClose={() => dispatch({ type: 'payload-closed' })} />}
    </>
  );
}

function useStore(store: Store): ConsoleState {
  const [state, setState] = useState(store.state);
  useEffect(() => {
    const read = (): void => setState(store.state);
    read();
    return store.subscribe(read);
  }, [store]);
  return state;
}
