import { GatewayError } from '@gw/kernel';
import { type Login, newSessionId } from '@gw/sessions';
import { type AuthorizationCodes } from './authorization-codes.js';
import {
  type AnswerAddress,
  type AuthorizationError,
  formatRequest,
  judge,
  type JudgedRequest,
  parseRequest,
} from './authorization-request.js';
import { handleHashOf, newHandle } from './handle.js';
import { type NativeClients } from './native-clients.js';
import { NativeEvents } from './native-events.js';
import { Parameters } from './parameters.js';
import { withParameters } from './redirect-uri.js';

/** RFC 6749 §4.1.2 recommends at most ten minutes; an app fetches its tokens at once. */
const CODE_TTL_MS = 60_000;

export type Authorization =
  /** The person is to log in; `app` belongs to the login, and is to be handed back after it. */
  { readonly kind: 'login'; readonly app: string } | { readonly kind: 'redirect'; readonly location: string };

/** The authorization endpoint: from an app's request to the answer that the browser carries back to it. */
export class Authorizations {
  constructor(
    /** An origin, by which clients know this server. */
    readonly issuer: string,
    private readonly clients: NativeClients,
    private readonly codes: AuthorizationCodes,
    private readonly events: NativeEvents = new NativeEvents(),
  ) {}

  /**
   * @param query untrusted, without its question mark
   * @throws {GatewayError} when it is not known where an answer may go.
   */
  begin(query: string): Authorization {
    const judged = this.#judge(query);
    if (judged.kind === 'request') return { kind: 'login', app: formatRequest(judged.request) };
    return { kind: 'redirect', location: this.#refuse(judged.address, judged.refusal) };
  }

  /** The person has logged in. Resolves to where the browser is to go, with a code for the app. */
  async grant(app: string, login: Login): Promise<string> {
    const { clientId, redirectUri, state, challenge } = parseRequest(app);
    const code = newHandle();
    const session = newSessionId();
    const grant = { clientId, redirectUri, challenge, session, login: { ...login, client: clientId } };
    await this.codes.put(handleHashOf(code), grant, CODE_TTL_MS);
    return this.#answer({ redirectUri, state }, { code });
  }

  /** The login came to nothing. Returns where the browser is to go, with an error for the app. */
  refuse(app: string, error: GatewayError): string {
    return this.#refuse(parseRequest(app), errorOf(error));
  }

  #judge(query: string): JudgedRequest {
    try {
      return judge(new Parameters(query), this.clients);
    } catch (error) {
      if (error instanceof GatewayError) this.events.authorizationRefused(error.code);
      throw error;
    }
  }

  #refuse(address: AnswerAddress, { error, description }: AuthorizationError): string {
    this.events.authorizationRefused(error);
    return this.#answer(address, { error, error_description: description });
  }

  /** `iss` tells an app with several servers whose answer it is (mix-up, RFC 9207). */
  #answer({ redirectUri, state }: AnswerAddress, answer: Readonly<Record<string, string>>): string {
    return withParameters(redirectUri, { ...answer, state, iss: this.issuer });
  }
}

function errorOf({ code, message }: GatewayError): AuthorizationError {
  if (code === 'login_denied') return { error: 'access_denied', description: message };
  return code === 'authorization_server_unavailable'
    ? { error: 'temporarily_unavailable', description: message }
    : { error: 'server_error', description: message };
}
