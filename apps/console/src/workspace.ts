import { type Call, mergedCalls, toCall, withCall } from './calls.js';
import type {
  AgentMessage,
  CallMessage,
  CurrentSession,
  UserMessage,
  WorkspaceMessage,
} from './workspace-messages.js';

export interface Agent {
  /** LoggedOut, LoggedIn, Ready, NotReady or OutOfService; the upstream may add others. */
  state: string;
  number?: string | undefined;
  workMode?: string | undefined;
  reason?: string | undefined;
  /** Absent: the upstream did not say what is allowed. */
  capabilities?: readonly string[] | undefined;
}

/** What `activate-channels` must be told. */
export interface Activation {
  agentId: string;
  placeName: string;
}

export interface Workspace {
  activation?: Activation | undefined;
  /** Absent until the voice channel is activated. */
  agent?: Agent | undefined;
  agentRevision: number;
  calls: readonly Call[];
  /** For screen readers: what changed last. */
  announcement: string;
  /** Grows with each message, so that a refetch can tell what is newer than its answer. */
  revision: number;
  /** True when what is shown may be wrong, until a refetch begins. */
  stale: boolean;
}

export const emptyWorkspace: Workspace = {
  agentRevision: 0,
  calls: [],
  announcement: '',
  revision: 0,
  stale: true,
};

/** @param at when the gateway received the message, ISO 8601. */
export function withMessage(workspace: Workspace, message: WorkspaceMessage, at: string): Workspace {
  const next = { ...workspace, revision: workspace.revision + 1 };
  switch (message.messageType) {
    case 'DnStateChanged':
      return withAgent(next, toAgent(message.dn));
    case 'CallStateChanged':
      return withCallMessage(next, message.call, at);
    case 'WorkspaceInitializationComplete':
      // An agent who is already active elsewhere has a state that no event will repeat.
      return { ...next, activation: activationOf(message.data?.user) ?? next.activation, stale: true };
    case 'EventError':
      return next;
  }
}

function withAgent(workspace: Workspace, agent: Agent): Workspace {
  const announcement = `Agent: ${agent.state}`;
  return { ...workspace, agent, agentRevision: workspace.revision, announcement };
}

function withCallMessage(workspace: Workspace, message: CallMessage, at: string): Workspace {
  const call = toCall(message, workspace.revision, at);
  return {
    ...workspace,
    calls: withCall(workspace.calls, call, message.previousConnId),
    announcement: `Call with ${call.otherParty}: ${call.state}`,
  };
}

/** Takes over what a refetch found, except where a notification has told something newer since `asOf`. */
export function withCurrentSession(workspace: Workspace, session: CurrentSession, asOf: number): Workspace {
  const { activeSession } = session;
  const fetched = (activeSession?.calls ?? []).map((call) => toCall(call, asOf));
  const agent = activeSession?.dn && toAgent(activeSession.dn);
  return {
    ...workspace,
    activation: activationOf(session, activeSession?.currentPlace) ?? workspace.activation,
    agent: workspace.agentRevision > asOf ? workspace.agent : agent,
    calls: mergedCalls(workspace.calls, fetched, asOf),
  };
}

function toAgent(dn: AgentMessage): Agent {
  const reason = dn.reasons?.map(({ value }) => value).find((value) => typeof value === 'string');
  const workMode = dn.agentWorkMode === 'Unknown' ? undefined : dn.agentWorkMode;
  return { state: dn.agentState, number: dn.number, workMode, reason, capabilities: dn.capabilities };
}

/** The same choice as the platform's own client: the login id, or else the employee id. */
function activationOf(user: UserMessage | undefined, currentPlace?: string): Activation | undefined {
  const agentId = user?.agentLogin ?? user?.employeeId;
  const placeName = currentPlace ?? user?.defaultPlace;
  return agentId && placeName ? { agentId, placeName } : undefined;
}

/** Whether the agent may be given the command. Where the upstream lists none, any active agent may. */
export function allows(agent: Agent | undefined, command: 'ready' | 'not-ready'): boolean {
  if (!agent) return false;
  if (agent.capabilities) return agent.capabilities.includes(command);
  return agent.state !== 'LoggedOut' && agent.state !== 'OutOfService';
}
