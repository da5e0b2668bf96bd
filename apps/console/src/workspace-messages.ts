import { optional, optionalText, z } from './schema.js';

const agentSchema = z.object({
  agentState: z.string(),
  number: optionalText,
  agentWorkMode: optionalText,
  capabilities: optional(z.array(z.string())),
  reasons: optional(z.array(z.object({ value: z.unknown() }))),
});

const callSchema = z.object({
  id: z.string(),
  state: z.string(),
  callType: optionalText,
  phoneNumber: optionalText,
  ani: optionalText,
  capabilities: optional(z.array(z.string())),
  participants: optional(z.array(z.object({ number: optionalText, role: optionalText }))),
  previousConnId: optionalText,
});

const userSchema = z.object({
  agentLogin: optionalText,
  employeeId: optionalText,
  defaultPlace: optionalText,
});

const messageSchema = z.discriminatedUnion('messageType', [
  z.object({ messageType: z.literal('DnStateChanged'), dn: agentSchema }),
  z.object({ messageType: z.literal('CallStateChanged'), call: callSchema }),
  z.object({
    messageType: z.literal('WorkspaceInitializationComplete'),
    state: z.string(),
    data: optional(z.object({ user: userSchema })),
  }),
  z.object({
    messageType: z.literal('EventError'),
    error: z.object({
      errorCode: optional(z.union([z.number(), z.string()])),
      errorMessage: optionalText,
    }),
  }),
]);

const activeSessionSchema = z.object({
  currentPlace: optionalText,
  dn: optional(agentSchema),
  calls: optional(z.array(callSchema)),
});

const currentSessionSchema = z.object({
  data: z.object({ user: z.extend(userSchema, { activeSession: optional(activeSessionSchema) }) }),
});

export type AgentMessage = z.infer<typeof agentSchema>;
export type CallMessage = z.infer<typeof callSchema>;
export type UserMessage = z.infer<typeof userSchema>;
/** The Workspace notifications that this console acts on; all others are only listed. */
export type WorkspaceMessage = z.infer<typeof messageSchema>;
/** The part of `GET /workspace/v3/current-session` that says what the agent and the calls are now. */
export type CurrentSession = z.infer<typeof currentSessionSchema>['data']['user'];

/** Undefined for a message of another type, or one that misses what it must have. */
export function parseWorkspaceMessage(data: unknown): WorkspaceMessage | undefined {
  return messageSchema.safeParse(data).data;
}

/** Undefined when the answer tells nothing about the user, as while the session is being initialised. */
export function parseCurrentSession(body: unknown): CurrentSession | undefined {
  return currentSessionSchema.safeParse(body).data?.data.user;
}

const typedSchema = z.object({ messageType: z.string() });

/** The notification's `messageType`; other APIs than Workspace often have none. */
export function messageTypeOf(data: unknown): string | undefined {
  return typedSchema.safeParse(data).data?.messageType;
}
