import type { Problem } from '../console-state.js';

interface ProblemsProps {
  problems: readonly Problem[];
  onDismiss: (id: number) => void;
}

/** The region is always there: a live region that comes with its text is not read out everywhere. */
export function Problems({ problems, onDismiss }: ProblemsProps) {
  return (
    <div role="alert" class="problems" data-testid="problems">
      {problems.map(({ id, text }) => (
        <p key={id} class="problem" data-testid="problem">
          <span>{text}</span>
          <button type="button" class="dismiss" aria-label={`Dismiss: ${text}`} onClick={() => onDismiss(id)}>
            ×
          </button>
        </p>
      ))}
    </div>
  );
}
