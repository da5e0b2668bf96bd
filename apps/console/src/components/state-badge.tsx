interface StateBadgeProps {
  testId?: string | undefined;
  /** The word that is shown; the style sheet gives the known ones a colour beside it. */
  state: string;
}

/** A state as a word; its colour only repeats what the word says. */
export function StateBadge({ testId, state }: StateBadgeProps) {
  return (
    <span class="badge" data-testid={testId} data-state={state}>
      {state}
    </span>
  );
}
