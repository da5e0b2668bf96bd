import type { Session } from '../console-state.js';

interface WelcomeProps {
  session: Exclude<Session, { kind: 'signed-in' }>;
  onRetry: () => void;
}

/** The page without a session: not yet known, none, or no gateway to ask. */
export function Welcome({ session, onRetry }: WelcomeProps) {
  return (
    <main class="welcome">
      <img src="/favicon.svg" alt="" width="56" height="56" />
      <h1>Gateway console</h1>
      <p class="quiet">
        Agent state, calls and live notifications of the contact centre, through the gateway.
      </p>
      <WelcomeStep session={session} onRetry={onRetry} />
    </main>
  );
}

function WelcomeStep({ session, onRetry }: WelcomeProps) {
  switch (session.kind) {
    case 'checking':
      return <p role="status">Looking for your session …</p>;
    case 'unreachable':
      return (
        <>
          <p role="alert">The gateway cannot be reached.</p>
          <button type="button" class="button primary" onClick={onRetry}>
            Try again
          </button>
        </>
      );
    case 'signed-out':
      return (
        <>
          <p role="status" class="reason" data-testid="signed-out-reason">
            {session.notice}
          </p>
          <a class="button primary" data-testid="sign-in" href="/auth/login?return_to=/">
            Sign in
          </a>
        </>
      );
  }
}
