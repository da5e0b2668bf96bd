import type { SessionUser } from '@gw/contract';
import { ActionButton } from './action-button.js';

interface PageHeaderProps {
  user: SessionUser;
  busy: boolean;
  onSignOut: () => void;
}

export function PageHeader({ user, busy, onSignOut }: PageHeaderProps) {
  return (
    <header class="page-header">
      <h1 class="brand">
        <img src="/favicon.svg" alt="" width="28" height="28" />
        Gateway console
      </h1>
      <p class="person">
        <strong data-testid="user-name">{user.displayName}</strong>
        <span class="quiet">{user.userName}</span>
      </p>
      <ActionButton testId="sign-out" busy={busy} onPress={onSignOut}>
        Sign out
      </ActionButton>
    </header>
  );
}
