import type { ComponentChildren } from 'preact';

interface ActionButtonProps {
  testId: string;
  onPress: () => void;
  children: ComponentChildren;
  /** The reply is awaited. The button keeps the keyboard's focus, which `disabled` would take away. */
  busy?: boolean | undefined;
  /** Not allowed now. */
  barred?: boolean | undefined;
  look?: 'primary' | 'danger' | undefined;
}

export function ActionButton({ testId, onPress, children, busy, barred, look }: ActionButtonProps) {
  const idle = busy === true || barred === true;
  return (
    <button
      type="button"
      class={look ? `button ${look}` : 'button'}
      data-testid={testId}
      aria-disabled={idle}
      aria-busy={busy === true}
      onClick={() => {
        if (!idle) onPress();
      }}
    >
      {children}
    </button>
  );
}
