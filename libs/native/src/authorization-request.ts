import { GatewayError } from '@gw/kernel';
import { z } from 'zod';
import { type NativeClients } from './native-clients.js';
import { type Parameters } from './parameters.js';
import { isChallenge } from './pkce.js';

/** What an app asks for at the authorization endpoint, RFC 6749 §4.1.1 with RFC 7636 §4.3. */
export interface AuthorizationRequest {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly state?: string | undefined;
  /** PKCE, S256. */
  readonly challenge: string;
}

/** Where the answer goes, whatever it is. */
export type AnswerAddress = Pick<AuthorizationRequest, 'redirectUri' | 'state'>;

/** An error that the app is told, RFC 6749 §4.1.2.1. */
export interface AuthorizationError {
  readonly error:
    | 'invalid_request'
    | 'unsupported_response_type'
    | 'access_denied'
    | 'server_error'
    | 'temporarily_unavailable';
  readonly description: string;
}

export type JudgedRequest =
  | { readonly kind: 'request'; readonly request: AuthorizationRequest }
  | { readonly kind: 'refused'; readonly address: AnswerAddress; readonly refusal: AuthorizationError };

const MAX_STATE_LENGTH = 2_048;

/**
 * First who asks and where the answer would go: as long as that is not known to be right, nothing is
 * redirected (RFC 6749 §4.1.2.1, RFC 9700 §4.11).
 *
 * @throws {GatewayError} `native_client_unknown` or `redirect_uri_not_registered`: for the person to see.
 */
export function judge(parameters: Parameters, clients: NativeClients): JudgedRequest {
  const clientId = parameters.get('client_id');
  if (clientId === undefined || !clients.has(clientId)) throw unknownClient();
  const redirectUri = parameters.get('redirect_uri');
  if (redirectUri === undefined || !clients.mayRedirectTo(clientId, redirectUri)) throw unregistered();
  const state = parameters.get('state');
  const isStateFit = state === undefined || state.length <= MAX_STATE_LENGTH;
  const refusal = isStateFit ? refusalOf(parameters) : invalid('The state is too long');
  if (refusal) {
    return { kind: 'refused', address: { redirectUri, state: isStateFit ? state : undefined }, refusal };
  }
  const challenge = parameters.get('code_challenge') ?? '';
  return { kind: 'request', request: { clientId, redirectUri, state, challenge } };
}

function refusalOf(parameters: Parameters): AuthorizationError | undefined {
  if (parameters.problem !== undefined) return invalid(parameters.problem);
  const responseType = parameters.get('response_type');
  if (responseType === undefined) return invalid('The response_type is missing');
  if (responseType !== 'code') {
    return { error: 'unsupported_response_type', description: 'Only the response_type code is supported' };
  }
  if ((parameters.get('response_mode') ?? 'query') !== 'query') {
    return invalid('Only the response_mode query is supported');
  }
  if (parameters.get('request') !== undefined || parameters.get('request_uri') !== undefined) {
    return invalid('Request objects are not supported');
  }
  if (parameters.get('code_challenge_method') !== 'S256') {
    return invalid('PKCE with the code_challenge_method S256 is mandatory');
  }
  const isFit = isChallenge(parameters.get('code_challenge') ?? '');
  return isFit ? undefined : invalid('The code_challenge must be a SHA-256 in base64url');
}

const invalid = (description: string): AuthorizationError => ({ error: 'invalid_request', description });

const unknownClient = () =>
  new GatewayError('native_client_unknown', 'bad_request', 'No app of this client_id is known here');

const unregistered = () =>
  new GatewayError(
    'redirect_uri_not_registered',
    'bad_request',
    'The redirect_uri is not one that is registered for this app',
  );

const kept = z.object({
  clientId: z.string(),
  redirectUri: z.string(),
  state: z.string().optional(),
  challenge: z.string(),
});

/** For the time of the login. */
export const formatRequest = (request: AuthorizationRequest): string => JSON.stringify(request);
export const parseRequest = (text: string): AuthorizationRequest => kept.parse(JSON.parse(text));
