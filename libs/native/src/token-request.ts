import { type NativeClients } from './native-clients.js';
import { OAuthError } from './oauth-error.js';
import { Parameters } from './parameters.js';

export interface CodeRequest {
  readonly grantType: 'authorization_code';
  readonly clientId: string;
  readonly code: string;
  readonly redirectUri: string;
  readonly verifier: string;
}

export interface RefreshRequest {
  readonly grantType: 'refresh_token';
  readonly clientId: string;
  readonly refreshToken: string;
}

export interface RevocationRequest {
  readonly clientId: string;
  readonly token: string;
}

/** A form as it came: untrusted. Undefined: there was no form of a size that we read. */
export type Form = string | undefined;

/** @throws {OAuthError} */
export function readTokenRequest(form: Form, clients: NativeClients): CodeRequest | RefreshRequest {
  const { parameters, clientId } = readForm(form, clients);
  const grantType = required(parameters, 'grant_type');
  switch (grantType) {
    case 'authorization_code':
      return {
        grantType,
        clientId,
        code: required(parameters, 'code'),
        redirectUri: required(parameters, 'redirect_uri'),
        verifier: required(parameters, 'code_verifier'),
      };
    case 'refresh_token':
      return { grantType, clientId, refreshToken: required(parameters, 'refresh_token') };
    default:
      throw new OAuthError('unsupported_grant_type', 'The grants are authorization_code and refresh_token');
  }
}

/** `token_type_hint` is only a hint (RFC 7009 §2.1), and our tokens need none. @throws {OAuthError} */
export function readRevocationRequest(form: Form, clients: NativeClients): RevocationRequest {
  const { parameters, clientId } = readForm(form, clients);
  return { clientId, token: required(parameters, 'token') };
}

function readForm(form: Form, clients: NativeClients) {
  if (form === undefined) {
    throw new OAuthError('invalid_request', 'Send a small body of type application/x-www-form-urlencoded');
  }
  const parameters = new Parameters(form);
  if (parameters.problem !== undefined) throw new OAuthError('invalid_request', parameters.problem);
  const clientId = parameters.get('client_id');
  if (clientId === undefined || !clients.has(clientId)) {
    throw new OAuthError('invalid_client', 'No app of this client_id is known here');
  }
  return { parameters, clientId };
}

function required(parameters: Parameters, name: string): string {
  const value = parameters.get(name);
  if (value === undefined) throw new OAuthError('invalid_request', `The parameter ${name} is missing`);
  return value;
}
