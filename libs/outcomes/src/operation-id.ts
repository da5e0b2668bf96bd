import { type OperationId } from '@gw/upstream';

/** What of a request may carry an operation's id. */
export interface CommandRequest {
  /** With its `?`, or empty. */
  readonly search: string;
  /** Undefined: none, or not here to be read. */
  readonly body: Buffer | undefined;
  /** Whether a body that is not there may be made: the request has none. */
  readonly hasNoBody: boolean;
}

export interface NamedRequest {
  readonly search: string;
  readonly body: Buffer | undefined;
  /** Undefined when the request could not be given one. */
  readonly operationId: string | undefined;
}

/**
 * The request with an operation's id: its own, or `id`. The bytes of a body stay what they are, but for the
 * new member: numbers too large for us, and spaces, are the client's.
 */
export function named(request: CommandRequest, where: OperationId, id: string): NamedRequest {
  return where.in === 'query' ? inQuery(request, where.name, id) : inBody(request, where.name, id);
}

function inQuery({ search, body }: CommandRequest, name: string, id: string): NamedRequest {
  const own = new URLSearchParams(search).get(name);
  if (own !== null && own !== '') return { search, body, operationId: own };
  const separator = search === '' ? '?' : search === '?' ? '' : '&';
  return { search: `${search}${separator}${name}=${encodeURIComponent(id)}`, body, operationId: id };
}

function inBody({ search, body, hasNoBody }: CommandRequest, name: string, id: string): NamedRequest {
  const member = `${JSON.stringify(name)}:${JSON.stringify(id)}`;
  if (hasNoBody) return { search, body: Buffer.from(`{${member}}`), operationId: id };
  const text = body?.toString('utf8') ?? '';
  const object = objectIn(text);
  if (!object) return { search, body, operationId: undefined };
  if (Object.hasOwn(object, name)) {
    const own = object[name];
    return { search, body, operationId: typeof own === 'string' && own !== '' ? own : undefined };
  }
  const isEmpty = Object.keys(object).length === 0;
  const start = text.indexOf('{') + 1;
  const next = `${text.slice(0, start)}${member}${isEmpty ? '' : ','}${text.slice(start)}`;
  return { search, body: Buffer.from(next), operationId: id };
}

function objectIn(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
