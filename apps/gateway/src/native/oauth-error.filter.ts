import { GatewayError } from '@gw/kernel';
import { OAuthError, type OAuthErrorCode } from '@gw/native';
import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import { type FastifyReply } from 'fastify';

interface OAuthProblem {
  readonly status: number;
  readonly error: OAuthErrorCode | 'temporarily_unavailable' | 'server_error';
  readonly description: string;
}

const RETRY_AFTER_S = 1;

/** The errors of the token and revocation endpoints as OAuth clients read them: RFC 6749 §5.2. */
@Catch()
export class OAuthErrorFilter implements ExceptionFilter {
  catch(thrown: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const { status, error, description } = problemOf(thrown);
    if (status === 500) reply.log.error({ err: thrown, requestId: reply.request.id }, 'a request failed');
    if (status === 503) void reply.header('retry-after', RETRY_AFTER_S);
    void reply
      .code(status)
      .header('content-type', 'application/json')
      .header('cache-control', 'no-store')
      .header('x-request-id', reply.request.id)
      .send(JSON.stringify({ error, error_description: description }));
  }
}

function problemOf(thrown: unknown): OAuthProblem {
  if (thrown instanceof OAuthError) {
    return { status: 400, error: thrown.code, description: thrown.description };
  }
  if (thrown instanceof GatewayError && thrown.kind === 'unavailable') {
    return { status: 503, error: 'temporarily_unavailable', description: 'Try again in a moment' };
  }
  return { status: 500, error: 'server_error', description: 'The gateway failed; the failure was logged' };
}
