import type { SessionEvent } from '@gw/contract';
import { timeOfDay } from '../time-of-day.js';

export function SessionNotice({ event }: { event: SessionEvent }) {
  const why = event.reason === 'idle' ? 'because it is not used' : 'because its time is over';
  return (
    <p class="notice" role="status" data-testid="session-notice">
      Your session ends at <strong>{timeOfDay(event.at)}</strong>, {why}.
      {event.reason === 'idle' ? ' Any command keeps it alive.' : ' Finish your calls and sign in again.'}
    </p>
  );
}
