import { type IncomingMessage, ServerResponse } from 'node:http';
import { type GatewayError } from '@gw/kernel';
import { endWithProblem, rawProblemOf } from '../http/index.js';

/**
 * Answers a Socket.IO handshake that is refused before there is a socket. Engine.IO has only a bare 400
 * for these, in which whoever set the gateway up finds no reason.
 */
export function refuseHandshake(request: IncomingMessage, response: object, error: GatewayError): void {
  const problem = rawProblemOf(error);
  if (response instanceof ServerResponse)
    response.writeHead(problem.status, problem.headers).end(problem.body);
  // Before an upgrade Node hands the bare connection over.
  else endWithProblem(request.socket, problem);
}
