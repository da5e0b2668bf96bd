import { useEffect, useRef } from 'preact/hooks';
import type { LogEntry } from '../notification-log.js';

interface PayloadDialogProps {
  entry: Extract<LogEntry, { kind: 'notification' }>;
  onClose: () => void;
}

/** The browser's own modal dialog: it keeps the focus inside, closes on Escape, and gives the focus back. */
export function PayloadDialog({ entry, onClose }: PayloadDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const { event, messageType } = entry;
  return (
    <dialog ref={dialog} class="payload" aria-labelledby="payload-heading" onClose={onClose}>
      <div class="panel-head">
        <h2 id="payload-heading">{messageType ?? event.channel}</h2>
        <button
          type="button"
          class="button"
          data-testid="payload-close"
          onClick={() => dialog.current?.close()}
        >
          Close
        </button>
      </div>
      <dl class="facts">
        <dt>API</dt>
        <dd>{event.api}</dd>
        <dt>Channel</dt>
        <dd>{event.channel}</dd>
        <dt>Received</dt>
        <dd>{event.receivedAt}</dd>
        <dt>Cursor</dt>
        <dd>{event.cursor}</dd>
      </dl>
      <pre data-testid="payload" tabIndex={0} aria-label="Payload">
        {JSON.stringify(event.data, null, 2)}
      </pre>
    </dialog>
  );
}
