/** `status.code` of the reply envelope: 0 done, 1 accepted (the outcome comes as a notification), else an error. */
export interface Envelope {
  readonly status: { readonly code: number; readonly message?: string };
  readonly data?: unknown;
  readonly operationId?: string;
}

export function done(data?: unknown): Envelope {
  return { status: { code: 0 }, ...(data === undefined ? {} : { data }) };
}

export function accepted(operationId?: string): Envelope {
  return { status: { code: 1 }, ...(operationId === undefined ? {} : { operationId }) };
}

export function failed(code: number, message: string): Envelope {
  return { status: { code, message } };
}

/** How the Java services (Authentication, Statistics) report what no controller of theirs handled. */
export function springError(
  status: number,
  error: string,
  message: string,
  path: string,
  now: number,
): object {
  return { timestamp: now, status, error, message, path };
}
