import type { Action } from '../action.js';
import { type NotificationLog, visibleEntries, waitingCount } from '../notification-log.js';
import { LogRow } from './log-row.js';

interface NotificationPanelProps {
  log: NotificationLog;
  apis: readonly string[];
  dispatch: (action: Action) => void;
}

export function NotificationPanel({ log, apis, dispatch }: NotificationPanelProps) {
  const entries = visibleEntries(log);
  return (
    <section class="panel notifications" aria-labelledby="notifications-heading">
      <div class="panel-head">
        <h2 id="notifications-heading">Notifications</h2>
        <LogControls log={log} apis={apis} dispatch={dispatch} />
      </div>
      <div class="log-columns" aria-hidden="true">
        <span>Time</span>
        <span>API</span>
        <span>Channel</span>
        <span>Type</span>
        <span>Cursor</span>
      </div>
      {entries.length === 0 && <p class="quiet">Nothing has arrived yet.</p>}
      <ol class="log" data-testid="notifications" aria-label="Newest first">
        {entries.map((entry) => (
          <LogRow key={entry.id} entry={entry} onOpen={(id) => dispatch({ type: 'payload-opened', id })} />
        ))}
      </ol>
    </section>
  );
}

function LogControls({ log, apis, dispatch }: NotificationPanelProps) {
  const paused = log.paused !== undefined;
  const waiting = waitingCount(log);
  return (
    <div class="log-controls">
      <label for="filter-api" class="visually-hidden">
        Show API
      </label>
      <select
        id="filter-api"
        data-testid="filter-api"
        value={log.api ?? ''}
        onChange={(event) => dispatch({ type: 'log-filtered', api: event.currentTarget.value || undefined })}
      >
        <option value="">All APIs</option>
        {[...apis].sort().map((api) => (
          <option key={api} value={api}>
            {api}
          </option>
        ))}
      </select>
      <button
        type="button"
        class="button"
        data-testid="pause"
        aria-pressed={paused}
        onClick={() => dispatch({ type: 'log-paused', paused: !paused })}
      >
        {paused ? `Resume (${waiting} new)` : 'Pause'}
      </button>
    </div>
  );
}
