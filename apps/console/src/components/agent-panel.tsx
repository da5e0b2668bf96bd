import type { Controller } from '../controller.js';
import { type Agent, allows } from '../workspace.js';
import { ActionButton } from './action-button.js';
import { StateBadge } from './state-badge.js';

interface AgentPanelProps {
  agent: Agent | undefined;
  running: readonly string[];
  controller: Controller;
}

export function AgentPanel({ agent, running, controller }: AgentPanelProps) {
  return (
    <section class="panel" aria-labelledby="agent-heading">
      <div class="panel-head">
        <h2 id="agent-heading">Agent</h2>
        <StateBadge testId="agent-state" state={agent?.state ?? 'Not activated'} />
      </div>
      {agent && <p class="quiet">{describe(agent)}</p>}
      <div class="buttons">
        <ActionButton
          testId="activate"
          look={agent ? undefined : 'primary'}
          busy={running.includes('activate')}
          onPress={() => void controller.activate()}
        >
          Activate channels
        </ActionButton>
        <ActionButton
          testId="ready"
          busy={running.includes('ready')}
          barred={!allows(agent, 'ready')}
          onPress={() => void controller.ready()}
        >
          Ready
        </ActionButton>
        <ActionButton
          testId="not-ready"
          busy={running.includes('not-ready')}
          barred={!allows(agent, 'not-ready')}
          onPress={() => void controller.notReady()}
        >
          Not ready
        </ActionButton>
      </div>
    </section>
  );
}

function describe({ number, workMode, reason }: Agent): string {
  return [number && `Number ${number}`, workMode, reason].filter(Boolean).join(' · ');
}
