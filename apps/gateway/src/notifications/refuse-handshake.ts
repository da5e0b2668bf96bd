import { type IncomingMessage, ServerResponse } from 'node:http';
import { type GatewayError } from '@gw/kernel';
import { endWithProblem, rawProblemOf } from '../http/index.js';

export interface HandshakeRefusal {
  readonly error: GatewayError;
  /** Header fields beside those of a problem. */
  readonly fields?: Readonly<Record<string, string>>;
}

/**
 * Answers a Socket.IO handshake that is refused before there is a socket. Engine.IO has only a bare 400
 * for these, in which whoever set the gateway up finds no reason.
 */
export function refuseHandshake(
  request: IncomingMessage,
  response: object,
  { error, fields }: HandshakeRefusal,
): void {
  const { headers, ...rest } = rawProblemOf(error);
  const problem = { ...rest, headers: { ...headers, ...fields } };
  if (response instanceof ServerResponse)
    response.writeHead(problem.status, problem.headers).end(problem.body);
  // Before an upgrade Node hands the bare connection over.
  else endWithProblem(request.socket, problem);
}
