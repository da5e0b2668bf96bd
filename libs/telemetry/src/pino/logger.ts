import { type DestinationStream, type Logger, pino } from 'pino';
import prettyStream from 'pino-pretty';

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';

export interface LoggerOptions {
  readonly level: LogLevel;
  /** Named in each line. */
  readonly instanceId: string;
  /** For people who watch: one readable line each instead of JSON. */
  readonly pretty?: boolean | undefined;
  /** Where JSON lines go; absent: standard output. */
  readonly destination?: DestinationStream | undefined;
}

/**
 * JSON lines. What is logged is chosen field by field in the events classes; the redaction below is a
 * second line of defence for foreign errors that carry a request along.
 */
export function createLogger({ level, instanceId, pretty, destination }: LoggerOptions): Logger {
  return pino(
    {
      level,
      base: { instance: instanceId },
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: serializeError },
      redact: { paths: SECRET_PATHS, censor: '[secret]' },
    },
    destination ??
      (pretty ? prettyStream({ sync: true, singleLine: true, ignore: 'instance' }) : pino.destination(1)),
  );
}

const SECRET_NAMES = [
  'authorization',
  'cookie',
  '["set-cookie"]',
  '["x-api-key"]',
  'access_token',
  'refresh_token',
];
const SECRET_PATHS = SECRET_NAMES.flatMap((name) => {
  const member = name.startsWith('[') ? name : `.${name}`;
  return [name, `*${member}`, `*.*${member}`];
});

interface LoggedError {
  readonly type: string;
  readonly message: string;
  readonly code?: string | number;
  readonly stack?: string | undefined;
  readonly cause?: LoggedError;
}

/** Type, message, code, stack and causes; nothing else that hangs on an error. */
export function serializeError(error: unknown, depth = 0): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: 'not an Error' };
  return {
    type: error.name,
    message: error.message,
    ...('code' in error && isCode(error.code) && { code: error.code }),
    stack: error.stack,
    ...(error.cause !== undefined && depth < 3 && { cause: serializeError(error.cause, depth + 1) }),
  };
}

function isCode(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}
