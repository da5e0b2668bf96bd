import type { CallMessage } from './workspace-messages.js';

/** A call as its card shows it. */
export interface Call {
  id: string;
  /** Dialing, Ringing, Established, Held, Released or Completed; the upstream may add others. */
  state: string;
  otherParty: string;
  callType?: string | undefined;
  /** The commands that the upstream allows now. */
  capabilities: readonly string[];
  /** When it came into this state, ISO 8601; unknown for a call found by a refetch. */
  since?: string | undefined;
  /** The revision of the workspace in which a notification changed it last. */
  revision: number;
}

/** When there are more, the oldest ended call gives way, or else the oldest. */
export const MAX_CALLS = 20;

const endedStates = ['Released', 'Completed'];

export const hasEnded = (call: Call): boolean => endedStates.includes(call.state);

export function toCall(message: CallMessage, revision: number, since?: string): Call {
  return {
    id: message.id,
    state: message.state,
    otherParty: otherPartyOf(message),
    callType: message.callType,
    capabilities: message.capabilities ?? [],
    since,
    revision,
  };
}

function otherPartyOf({ participants, phoneNumber, ani }: CallMessage): string {
  const numbers = (participants ?? [])
    .filter((participant) => participant.role !== 'RoleObserver')
    .flatMap((participant) => participant.number ?? []);
  return numbers.length > 0 ? numbers.join(', ') : (phoneNumber ?? ani ?? 'Unknown number');
}

/** Newest call first. `previousId` is what the call was named before a transfer or conference. */
export function withCall(calls: readonly Call[], call: Call, previousId?: string): readonly Call[] {
  const known = calls.some((other) => other.id === call.id);
  const updated = { ...call, since: sinceOf(calls, call) };
  if (known) return calls.map((other) => (other.id === call.id ? updated : other));
  return bounded([updated, ...calls.filter((other) => other.id !== previousId)]);
}

/** A call that stays in its state has been in it since before. */
function sinceOf(known: readonly Call[], call: Call): string | undefined {
  const before = known.find((other) => other.id === call.id);
  return before?.state === call.state ? (before.since ?? call.since) : call.since;
}

function bounded(calls: readonly Call[]): readonly Call[] {
  if (calls.length <= MAX_CALLS) return calls;
  const leaving = calls.findLast((call, index) => index > 0 && hasEnded(call)) ?? calls.at(-1);
  return calls.filter((call) => call !== leaving);
}

/**
 * The calls after a refetch. Whatever a notification changed after revision `asOf`, while the refetch
 * was under way, is newer than its answer and stays. Completed calls are history that no refetch lists.
 */
export function mergedCalls(known: readonly Call[], fetched: readonly Call[], asOf: number): readonly Call[] {
  const kept = known.filter((call) => call.revision > asOf || call.state === 'Completed');
  const keptIds = new Set(kept.map((call) => call.id));
  const added = fetched
    .filter((call) => !keptIds.has(call.id))
    .map((call) => ({ ...call, since: sinceOf(known, call) }));
  return [...kept, ...added].slice(0, MAX_CALLS);
}
