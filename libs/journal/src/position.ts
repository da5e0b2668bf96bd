/** A place in a user's journal. */
export interface Position {
  /** Names one life of the journal; 8 to 32 characters of the base64url alphabet. */
  readonly epoch: string;
  /** 0 before the first entry, then 1, 2, 3 … */
  readonly sequence: number;
}

/** The form that clients see and must treat as opaque. */
export function formatCursor({ epoch, sequence }: Position): string {
  return `${epoch}.${sequence}`;
}

const CURSOR = /^([\w-]{8,32})\.(0|[1-9]\d{0,14})$/;

/** A cursor that is not of our making is `undefined`: no continuity can be proved from it. */
export function parseCursor(cursor: string): Position | undefined {
  const match = CURSOR.exec(cursor);
  if (!match) return undefined;
  const [, epoch = '', sequence] = match;
  return { epoch, sequence: Number(sequence) };
}
