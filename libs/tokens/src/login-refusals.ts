import { GatewayError } from '@gw/kernel';

/** Why a login came to nothing; every `code` is public. Messages never quote what the callback carried. */
export const loginRefusals = {
  returnTo: () =>
    new GatewayError(
      'return_to_not_allowed',
      'bad_request',
      'return_to must be a path here or an allowed origin',
    ),
  malformed: () =>
    new GatewayError('login_malformed', 'bad_request', 'The callback has neither a code nor an error'),
  state: () =>
    new GatewayError(
      'login_state_invalid',
      'forbidden',
      'This login was not begun in this browser, was used already, or took too long: begin again',
    ),
  denied: () => new GatewayError('login_denied', 'forbidden', 'The login was refused by you or the server'),
  codeRefused: () =>
    new GatewayError(
      'login_code_refused',
      'forbidden',
      'The authorization code was not accepted: begin again',
    ),
  unavailable: (cause?: unknown) =>
    new GatewayError(
      'authorization_server_unavailable',
      'unavailable',
      'The login server does not answer now',
      {
        cause,
      },
    ),
  failed: (cause?: unknown) =>
    new GatewayError(
      'authorization_server_failed',
      'bad_gateway',
      'The login server answered with an error',
      {
        cause,
      },
    ),
} as const;
