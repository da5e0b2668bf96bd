import { type Directory } from '../agents.js';
import { type Timers } from '../timers.js';
import {
  CHAT_CAPABILITIES,
  interactionOf,
  newId,
  participant,
  type Chat,
  type ChatCommand,
  type ChatState,
  type Participant,
} from './chat.js';
import { CHAT, type Publish } from './channels.js';
import { merged, type KeyValue } from './key-values.js';

export interface ChatCommandData {
  readonly nickname?: string | undefined;
  readonly message?: string | undefined;
  readonly userData?: readonly KeyValue[] | undefined;
}

/** Beyond these the oldest chat, and the oldest line of a chat, are forgotten. */
const MAX_CHATS = 10_000;
const MAX_LINES = 1_000;

/** Chat interactions: a customer's invitation, the conversation, its end. */
export class Chats {
  readonly #chats = new Map<string, Chat>();

  constructor(
    private readonly directory: Directory,
    private readonly publish: Publish,
    private readonly timers: Timers,
  ) {}

  /** @returns the interaction's id */
  invite(user: string, nickname: string, text: string): string {
    const customer = participant('Customer', nickname);
    const chat: Chat = {
      id: newId(),
      user,
      customer,
      receivedAt: this.#now(),
      participants: [customer],
      transcript: [],
      userData: [{ key: 'FirstName', type: 'str', value: nickname }],
      state: 'Invited',
    };
    this.#chats.set(chat.id, chat);
    const [oldest] = this.#chats.keys();
    if (this.#chats.size > MAX_CHATS && oldest !== undefined) this.#chats.delete(oldest);
    this.#write(chat, customer, 'ParticipantJoined');
    this.#write(chat, customer, 'Text', text);
    this.#tell(chat);
    return chat.id;
  }

  /** The customer writes. False when there is no such chat. */
  customerSays(id: string, text: string): boolean {
    const chat = this.#chats.get(id);
    if (chat) this.#say(chat, chat.customer, text);
    return chat !== undefined;
  }

  command(user: string, id: string, command: ChatCommand, data: ChatCommandData, operationId?: string): void {
    const chat = this.#chats.get(id);
    if (chat?.user !== user || !CHAT_CAPABILITIES[chat.state].includes(command)) {
      const error = { errorCode: 'invalid-interaction', errorMessage: 'Interaction cannot do this now' };
      const operation = operationId === undefined ? {} : { operationId };
      this.publish(user, CHAT, { messageType: 'EventError', error, ...operation });
      return;
    }
    this.#perform(chat, command, data, operationId);
  }

  transcriptOf(user: string, id: string): readonly object[] | undefined {
    const chat = this.#chats.get(id);
    return chat?.user === user ? chat.transcript : undefined;
  }

  seenBy(user: string): object[] {
    return [...this.#chats.values()].filter((chat) => chat.user === user).map(interactionOf);
  }

  clear(user: string): void {
    for (const chat of this.#chats.values()) if (chat.user === user) this.#chats.delete(chat.id);
  }

  #perform(chat: Chat, command: ChatCommand, data: ChatCommandData, operationId?: string): void {
    switch (command) {
      case 'accept':
        this.#accept(chat, data.nickname, operationId);
        break;
      case 'reject':
        this.#end(chat, 'Revoked', operationId);
        break;
      case 'leave':
      case 'complete':
        this.#end(chat, 'Completed', operationId);
        break;
      case 'send-message':
        this.#say(
          chat,
          chat.participants.find(({ type }) => type === 'Agent'),
          data.message ?? '',
        );
        break;
      case 'attach-user-data':
        chat.userData = merged(chat.userData, data.userData ?? []);
        this.#tell(chat, operationId, 'PropertiesUpdated');
        break;
    }
  }

  #accept(chat: Chat, nickname: string | undefined, operationId?: string): void {
    const agent = participant('Agent', nickname ?? this.directory.require(chat.user).firstName);
    chat.state = 'Processing';
    chat.participants.push(agent);
    this.#tell(chat, operationId);
    this.#write(chat, agent, 'ParticipantJoined');
    this.#log(chat, chat.transcript);
  }

  #end(chat: Chat, state: ChatState, operationId?: string): void {
    chat.state = state;
    this.#tell(chat, operationId);
    this.#chats.delete(chat.id);
  }

  #say(chat: Chat, from: Participant | undefined, text: string): void {
    if (from) this.#log(chat, [this.#write(chat, from, 'Text', text)]);
  }

  #write(chat: Chat, from: Participant, type: 'Text' | 'ParticipantJoined', text?: string): object {
    const at = this.timers.clock.now();
    const line = {
      type,
      index: chat.transcript.length + 1,
      visibility: 'All',
      ...(text === undefined ? {} : { text }),
      from,
      timestamp: this.#now(),
      timestampSeconds: Math.floor(at / 1_000),
    };
    chat.transcript.push(line);
    if (chat.transcript.length > MAX_LINES) chat.transcript.shift();
    return line;
  }

  #log(chat: Chat, messages: readonly object[]): void {
    const log = { messageType: 'MessageLogUpdated', notificationType: 'NewMessages', id: chat.id };
    if (chat.state === 'Processing')
      this.publish(chat.user, CHAT, { ...log, interactionId: chat.id, messages });
  }

  #tell(chat: Chat, operationId?: string, notificationType = 'StatusChange'): void {
    this.publish(chat.user, CHAT, {
      messageType: 'InteractionStateChanged',
      notificationType,
      ...(operationId === undefined ? {} : { operationId }),
      interaction: interactionOf(chat),
    });
  }

  #now(): string {
    return new Date(this.timers.clock.now()).toISOString();
  }
}
