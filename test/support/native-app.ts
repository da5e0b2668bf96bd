import * as oauth from 'oauth4webapi';
import { locationOf, type Person } from './person.js';
import { SocketClient } from './socket-client.js';
import { type HandshakeAuth } from '@gw/contract';

export interface NativeTokens {
  readonly access: string;
  readonly refresh: string;
  /** Seconds. */
  readonly expiresIn: number;
}

/** How an app begins: what its request says, and what it must remember until the answer comes. */
export interface BegunLogin {
  readonly url: string;
  readonly state: string;
  readonly verifier: string;
}

// eslint-disable-next-line @typescript-eslint/no-deprecated -- marked so that it stands out; this is loopback
const WITHOUT_TLS = { [oauth.allowInsecureRequests]: true };

/** What the endpoints answer with an error, as the client library found it. */
export const oauthErrorOf = (error: unknown): string =>
  error instanceof oauth.ResponseBodyError || error instanceof oauth.AuthorizationResponseError
    ? error.error
    : String(error);

/**
 * An app on somebody's phone: a public OAuth client by an ordinary library, which knows nothing of the
 * gateway but its URL.
 */
export class NativeApp {
  readonly client: oauth.Client;
  readonly #sockets: SocketClient[] = [];

  private constructor(
    readonly server: oauth.AuthorizationServer,
    readonly issuer: string,
    clientId: string,
    readonly redirectUri: string,
  ) {
    this.client = { client_id: clientId };
  }

  static async discover(issuer: string, clientId: string, redirectUri: string): Promise<NativeApp> {
    const url = new URL(issuer);
    const response = await oauth.discoveryRequest(url, {
      algorithm: 'oauth2',
      ...WITHOUT_TLS,
    });
    const server = await oauth.processDiscoveryResponse(url, response);
    return new NativeApp(server, issuer, clientId, redirectUri);
  }

  async begin(extra: Readonly<Record<string, string>> = {}): Promise<BegunLogin> {
    const verifier = oauth.generateRandomCodeVerifier();
    const state = oauth.generateRandomState();
    const url = new URL(this.server.authorization_endpoint!);
    const parameters = {
      client_id: this.client.client_id,
      redirect_uri: this.redirectUri,
      response_type: 'code',
      state,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...extra,
    };
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    return { url: url.href, state, verifier };
  }

  /** Lets the person log in in their browser; resolves to where that browser is sent in the end. */
  async letLogIn(person: Person, { url }: BegunLogin, via = this.issuer): Promise<string> {
    const begun = await person.agent.request(url, { via });
    const callback = await person.authorize(locationOf(begun));
    return locationOf(await person.agent.request(callback, { via }));
  }

  /** @param answer the URL that the browser brought back to the app */
  async exchange(begun: BegunLogin, answer: string, via = this.issuer): Promise<NativeTokens> {
    const parameters = oauth.validateAuthResponse(this.server, this.client, new URL(answer), begun.state);
    const response = await oauth.authorizationCodeGrantRequest(
      this.server,
      this.client,
      oauth.None(),
      parameters,
      this.redirectUri,
      begun.verifier,
      this.#options(via),
    );
    return tokensOf(await oauth.processAuthorizationCodeResponse(this.server, this.client, response));
  }

  async signIn(person: Person, via = this.issuer): Promise<NativeTokens> {
    const begun = await this.begin();
    return this.exchange(begun, await this.letLogIn(person, begun, via), via);
  }

  async refresh(refreshToken: string, via = this.issuer): Promise<NativeTokens> {
    const response = await oauth.refreshTokenGrantRequest(
      this.server,
      this.client,
      oauth.None(),
      refreshToken,
      this.#options(via),
    );
    return tokensOf(await oauth.processRefreshTokenResponse(this.server, this.client, response));
  }

  async revoke(token: string, via = this.issuer): Promise<void> {
    const response = await oauth.revocationRequest(
      this.server,
      this.client,
      oauth.None(),
      token,
      this.#options(via),
    );
    await oauth.processRevocationResponse(response);
  }

  /** A request with the access token, as the library makes it: a refusal is the library's own error. */
  request(path: string, accessToken: string, method = 'GET', body?: unknown, via = this.issuer) {
    const headers = new Headers(body === undefined ? {} : { 'content-type': 'application/json' });
    return oauth.protectedResourceRequest(
      accessToken,
      method,
      new URL(this.issuer + path),
      headers,
      body === undefined ? null : JSON.stringify(body),
      this.#options(via),
    );
  }

  /** The status of a request, whatever it is. */
  async status(path: string, accessToken: string, via = this.issuer): Promise<number> {
    const response = await fetch(via + path, { headers: { authorization: `Bearer ${accessToken}` } });
    await response.body?.cancel();
    return response.status;
  }

  openSocket(auth: HandshakeAuth, via = this.issuer, headers: Record<string, string> = {}): SocketClient {
    const socket = new SocketClient(via, undefined, auth, headers);
    this.#sockets.push(socket);
    return socket;
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
  }

  #options(via: string) {
    return {
      ...WITHOUT_TLS,
      [oauth.customFetch]: (url: string, init: object) => {
        const { pathname, search } = new URL(url);
        return fetch(via + pathname + search, init);
      },
    };
  }
}

function tokensOf(answer: oauth.TokenEndpointResponse): NativeTokens {
  const { access_token: access, refresh_token: refresh, expires_in: expiresIn } = answer;
  if (refresh === undefined || expiresIn === undefined) throw new Error('no refresh token, or no lifetime');
  return { access, refresh, expiresIn };
}
