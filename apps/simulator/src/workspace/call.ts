import { type KeyValue } from './key-values.js';

export type CallState = 'Dialing' | 'Ringing' | 'Established' | 'Held' | 'Released' | 'Completed';
export type CallCommand = (typeof CALL_COMMANDS)[number];

/** Commands on a call; the last segment of their path, and the words of `capabilities`. */
export const CALL_COMMANDS = [
  'answer',
  'hold',
  'retrieve',
  'release',
  'complete',
  'attach-user-data',
  'update-user-data',
  'delete-user-data-pair',
  'send-dtmf',
] as const;

const USER_DATA = ['attach-user-data', 'update-user-data', 'delete-user-data-pair'] as const;

/** What an agent may do with a call in each state. */
export const CAPABILITIES: Readonly<Record<CallState, readonly CallCommand[]>> = {
  Dialing: ['release', ...USER_DATA],
  Ringing: ['answer', 'release', ...USER_DATA],
  Established: ['release', 'hold', 'send-dtmf', ...USER_DATA],
  Held: ['release', 'retrieve', ...USER_DATA],
  Released: ['complete', ...USER_DATA],
  Completed: [],
};

type Role = 'RoleOrigination' | 'RoleDestination';

/** One agent's end of a call. */
export interface Leg {
  readonly user: string;
  readonly role: Role;
  readonly callType: 'Internal' | 'Inbound' | 'Outbound';
  state: CallState;
}

/** A call between two numbers, one or both of them an agent's. */
export interface Call {
  readonly id: string;
  readonly uuid: string;
  readonly from: string;
  readonly to: string;
  readonly legs: Leg[];
  userData: readonly KeyValue[];
  /** ms since the epoch. */
  establishedAt: number | undefined;
}

/** The call as one of its agents sees it: `call` of CallStateChanged. */
export function callSeenBy(leg: Leg, call: Call, now: number): object {
  const other = leg.role === 'RoleOrigination' ? call.to : call.from;
  const otherRole: Role = leg.role === 'RoleOrigination' ? 'RoleDestination' : 'RoleOrigination';
  const duration = call.establishedAt === undefined ? 0 : Math.floor((now - call.establishedAt) / 1_000);
  return {
    id: call.id,
    connId: call.id,
    callUuid: call.uuid,
    callType: leg.callType,
    state: leg.state,
    phoneNumber: other,
    dnis: call.to,
    ani: call.from,
    capabilities: CAPABILITIES[leg.state],
    participants: [{ number: other, role: otherRole }],
    userData: call.userData,
    extensions: [],
    duration,
  };
}
