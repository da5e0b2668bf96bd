import { randomBytes } from 'node:crypto';
import { type KeyValue } from './key-values.js';

export const CHAT_COMMANDS = [
  'accept',
  'reject',
  'complete',
  'send-message',
  'leave',
  'attach-user-data',
] as const;
export type ChatCommand = (typeof CHAT_COMMANDS)[number];

export type ChatState = 'Invited' | 'Processing' | 'Completed' | 'Revoked';

export const CHAT_CAPABILITIES: Readonly<Record<ChatState, readonly ChatCommand[]>> = {
  Invited: ['accept', 'reject'],
  Processing: ['send-message', 'attach-user-data', 'leave', 'complete'],
  Completed: [],
  Revoked: [],
};

export interface Participant {
  readonly participantId: string;
  readonly type: 'Customer' | 'Agent';
  readonly nickname: string;
  readonly visibility: 'All';
}

/** A conversation of a customer with one agent. */
export interface Chat {
  readonly id: string;
  readonly user: string;
  readonly customer: Participant;
  readonly receivedAt: string;
  readonly participants: Participant[];
  readonly transcript: object[];
  userData: readonly KeyValue[];
  state: ChatState;
}

/** `interaction` of InteractionStateChanged. */
export function interactionOf(chat: Chat): object {
  return {
    id: chat.id,
    mediatype: 'chat',
    state: chat.state,
    ticketId: 1,
    capabilities: CHAT_CAPABILITIES[chat.state],
    interactionType: 'Inbound',
    interactionSubtype: 'InboundNew',
    queue: 'ChatQueue',
    inQueues: [],
    outQueues: [],
    tenantId: 1,
    receivedAt: chat.receivedAt,
    submittedAt: chat.receivedAt,
    isOnline: true,
    isHeld: false,
    isLocked: false,
    isInWorkflow: false,
    userData: chat.userData,
    chat: { participants: chat.participants },
  };
}

export function participant(type: Participant['type'], nickname: string): Participant {
  return { participantId: newId(), type, nickname, visibility: 'All' };
}

export function newId(): string {
  return randomBytes(8).toString('hex').toUpperCase();
}
