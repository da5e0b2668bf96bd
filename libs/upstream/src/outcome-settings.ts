/** How the notification that settles a command is told from all others of its API. */
export interface OutcomeSettings {
  readonly operationId: OperationId;
  /**
   * Where notifications repeat that id: JSON pointers (RFC 6901) into their data, in which `*` stands for
   * each element of a list.
   */
  readonly repeatedAt: readonly string[];
  /** `messageType` of the notification that says that a command has failed. Absent: there is none. */
  readonly errorType?: string | undefined;
  /** Listened to while a command waits. Absent: the default channels of the API. */
  readonly channels?: readonly string[] | undefined;
  /** What settles which command; any other is settled by the first notification that repeats its id. */
  readonly commands: readonly CommandOutcome[];
}

/** Where a command carries the id that its notifications repeat. */
export interface OperationId {
  /** In the JSON object of its body, or in its query. */
  readonly in: 'body' | 'query';
  /** Name of the member or parameter. */
  readonly name: string;
}

export type StateValue = string | number | boolean | null;

/** How commands of some paths end: in which state of what they are about. */
export interface CommandOutcome {
  /** Beneath `basePath`; a segment `{name}` stands for any one segment. */
  readonly paths: readonly string[];
  /** Listened to as well; `{name}` is replaced by what the path has there. */
  readonly channels: readonly string[];
  /** Value of `messageType` in the data of the notifications that tell the state. */
  readonly messageType: string;
  /** Pointer to a list in the data; each element is looked at instead of the whole. */
  readonly each?: string | undefined;
  /** Pointer to the name of what a notification is about, a call for example. Absent: there is one of it. */
  readonly subject?: string | undefined;
  /** Name of the `{segment}` of the path that holds the subject's name. */
  readonly parameter?: string | undefined;
  /** The command makes its subject: it is the first that is seen in one of these states. */
  readonly opensIn?: readonly StateValue[] | undefined;
  /** Pointer to the state. */
  readonly state: string;
  readonly succeeded: readonly StateValue[];
  readonly failed: readonly StateValue[];
}
