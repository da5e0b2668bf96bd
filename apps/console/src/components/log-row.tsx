import type { GapEvent } from '@gw/contract';
import type { LogEntry } from '../notification-log.js';
import { preciseTimeOfDay } from '../time-of-day.js';
import { BreakableName } from './breakable-name.js';

const gapReasons: Record<GapEvent['reason'], string> = {
  window: 'missed more than the gateway keeps',
  epoch: 'the gateway lost its record',
  upstream: 'the platform lost its session',
};

interface LogRowProps {
  entry: LogEntry;
  onOpen: (id: number) => void;
}

export function LogRow({ entry, onOpen }: LogRowProps) {
  return (
    <li>
      {entry.kind === 'gap' ? <GapRow {...entry} /> : <NotificationRow entry={entry} onOpen={onOpen} />}
    </li>
  );
}

function GapRow({ event, at }: Extract<LogEntry, { kind: 'gap' }>) {
  return (
    <div class="row gap" data-testid="gap" data-cursor={event.cursor} data-reason={event.reason}>
      <time dateTime={at}>{preciseTimeOfDay(at)}</time>
      <span class="api">{event.api}</span>
      <span class="gap-text">
        <strong>Gap ({event.reason})</strong> {gapReasons[event.reason]}
      </span>
      <code class="cursor">{event.cursor}</code>
    </div>
  );
}

interface NotificationRowProps extends Pick<LogRowProps, 'onOpen'> {
  entry: Extract<LogEntry, { kind: 'notification' }>;
}

function NotificationRow({ entry, onOpen }: NotificationRowProps) {
  const { event, messageType } = entry;
  return (
    <button
      type="button"
      class="row"
      data-testid="notification"
      data-cursor={event.cursor}
      data-message-type={messageType}
      aria-haspopup="dialog"
      onClick={() => onOpen(entry.id)}
    >
      <time dateTime={event.receivedAt}>{preciseTimeOfDay(event.receivedAt)}</time>
      <span class="api">{event.api}</span>
      <span class="channel">
        <BreakableName name={event.channel} />
      </span>
      <span class="type">{messageType && <BreakableName name={messageType} />}</span>
      <code class="cursor">{event.cursor}</code>
    </button>
  );
}
