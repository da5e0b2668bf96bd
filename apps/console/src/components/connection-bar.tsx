import type { ConsoleState } from '../console-state.js';
import { StateBadge } from './state-badge.js';

export function ConnectionBar({ socket, apis }: Pick<ConsoleState, 'socket' | 'apis'>) {
  const names = Object.keys(apis).sort();
  return (
    <section class="connections" aria-label="Connections">
      <dl aria-live="polite">
        <div>
          <dt>socket</dt>
          <dd>
            <StateBadge testId="socket-state" state={socket} />
          </dd>
        </div>
        {names.map((name) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <StateBadge testId={`api-state-${name}`} state={apis[name]?.state ?? 'unknown'} />
              {apis[name]?.reason && <span class="quiet">{apis[name].reason}</span>}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
