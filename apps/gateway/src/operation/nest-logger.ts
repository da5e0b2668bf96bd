import { type LoggerService } from '@nestjs/common';
import { type Logger } from 'pino';

/** Nest's own words in our log: its routine ones at debug level. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...context: unknown[]): void {
    this.logger.debug({ context: contextOf(context) }, textOf(message));
  }

  error(message: unknown, ...context: unknown[]): void {
    const err = message instanceof Error ? message : undefined;
    this.logger.error({ context: contextOf(context), ...(err && { err }) }, textOf(message));
  }

  warn(message: unknown, ...context: unknown[]): void {
    this.logger.warn({ context: contextOf(context) }, textOf(message));
  }

  debug(message: unknown, ...context: unknown[]): void {
    this.logger.debug({ context: contextOf(context) }, textOf(message));
  }

  verbose(message: unknown, ...context: unknown[]): void {
    this.logger.trace({ context: contextOf(context) }, textOf(message));
  }
}

/** Nest passes the name of who speaks last. */
function contextOf(parameters: readonly unknown[]): string | undefined {
  const last = parameters.at(-1);
  return typeof last === 'string' ? last : undefined;
}

function textOf(message: unknown): string {
  if (typeof message === 'string') return message;
  return message instanceof Error ? message.message : 'Nest message';
}
