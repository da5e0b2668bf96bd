import { type ErrorKind, GatewayError } from '@gw/kernel';
import { HttpException } from '@nestjs/common';
import { STATUS_CODES } from 'node:http';

/** The body of every error that the gateway makes itself: RFC 9457, with our members `code` and `requestId`. */
export interface Problem {
  readonly type: 'about:blank';
  /** With `about:blank` it is the status phrase, RFC 9457 §4.2.1. */
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** Stable: clients match on it. */
  readonly code: string;
  readonly requestId: string;
}

const STATUS_OF: Readonly<Record<ErrorKind, number>> = {
  bad_request: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  unprocessable: 422,
  too_many_requests: 429,
  unavailable: 503,
  bad_gateway: 502,
  timeout: 504,
};

const INTERNAL = {
  status: 500,
  code: 'internal_error',
  detail: 'The gateway failed; the failure was logged',
};

/** Never tells what an unknown error says: it may quote secrets. */
export function problemOf(error: unknown, requestId: string): Problem {
  const { status, code, detail } = describe(error);
  return { type: 'about:blank', title: phraseOf(status), status, detail, code, requestId };
}

function describe(error: unknown): Pick<Problem, 'status' | 'code' | 'detail'> {
  if (error instanceof GatewayError) {
    return { status: STATUS_OF[error.kind], code: error.code, detail: error.message };
  }
  const status = statusOfFramework(error);
  if (status === undefined) return INTERNAL;
  const title = phraseOf(status);
  return { status, code: title.toLowerCase().replaceAll(/\W+/gu, '_'), detail: `${title}.` };
}

/** Of a client's fault that Nest or Fastify found: an unknown route, a body too large, malformed JSON. */
function statusOfFramework(error: unknown): number | undefined {
  const status = error instanceof HttpException ? error.getStatus() : statusCodeOf(error);
  return status !== undefined && status >= 400 && status < 500 ? status : undefined;
}

const statusCodeOf = (error: unknown): number | undefined =>
  error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : undefined;

const phraseOf = (status: number): string => STATUS_CODES[status] ?? 'Error';
