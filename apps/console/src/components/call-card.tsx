import { type Call, hasEnded } from '../calls.js';
import type { Controller } from '../controller.js';
import { type CallCommand, callCommands } from '../gateway-api.js';
import { timeOfDay } from '../time-of-day.js';
import { ActionButton } from './action-button.js';
import { StateBadge } from './state-badge.js';

const labels: Record<CallCommand, string> = {
  answer: 'Answer',
  hold: 'Hold',
  retrieve: 'Retrieve',
  release: 'Release',
  complete: 'Complete',
};
const looks: Partial<Record<CallCommand, 'primary' | 'danger'>> = { answer: 'primary', release: 'danger' };

interface CallCardProps {
  call: Call;
  running: readonly string[];
  controller: Controller;
}

export function CallCard({ call, running, controller }: CallCardProps) {
  return (
    <li class="call-card" data-testid="call-card" data-state={call.state} data-call-id={call.id}>
      <div class="panel-head">
        <strong class="party" data-testid="call-party">
          {call.otherParty}
        </strong>
        <StateBadge testId="call-state" state={call.state} />
      </div>
      <p class="quiet">
        {[call.callType, call.since && `since ${timeOfDay(call.since)}`].filter(Boolean).join(' · ')}
      </p>
      <div class="buttons" role="group" aria-label={`Call with ${call.otherParty}`}>
        {allowedCommands(call).map((command) => (
          <ActionButton
            key={command}
            testId={`call-${command}`}
            look={looks[command]}
            busy={running.includes(`${call.id} ${command}`)}
            onPress={() => void controller.commandCall(call.id, command)}
          >
            {labels[command]}
          </ActionButton>
        ))}
        {isOver(call) && (
          <ActionButton
            testId="call-dismiss"
            onPress={() => controller.dispatch({ type: 'call-dismissed', id: call.id })}
          >
            Dismiss
          </ActionButton>
        )}
      </div>
    </li>
  );
}

const allowedCommands = (call: Call): CallCommand[] =>
  callCommands.filter((command) => call.capabilities.includes(command));

/** Nothing more can be done with it: the platform knows it no longer, or asks for nothing. */
const isOver = (call: Call): boolean => hasEnded(call) && allowedCommands(call).length === 0;
