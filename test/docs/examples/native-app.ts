import * as oauth from 'oauth4webapi';

type Options = Omit<oauth.TokenEndpointRequestOptions, typeof oauth.customFetch>;

/** A native app at the gateway. Keep the tokens where the system keeps secrets; here they are in memory. */
export class NativeApp {
  readonly #client: oauth.Client;
  #tokens: oauth.TokenEndpointResponse | undefined;
  #refreshing: Promise<void> | undefined;

  private constructor(
    private readonly server: oauth.AuthorizationServer,
    clientId: string,
    private readonly redirectUri: string,
    private readonly options: Options,
  ) {
    this.#client = { client_id: clientId };
  }

  static async at(gateway: string, clientId: string, redirectUri: string, options: Options = {}) {
    const answer = await oauth.discoveryRequest(new URL(gateway), { ...options, algorithm: 'oauth2' });
    const server = await oauth.processDiscoveryResponse(new URL(gateway), answer);
    return new NativeApp(server, clientId, redirectUri, options);
  }

  /** `browse` shows a URL in the person's own browser, and resolves to that with which the app is opened again. */
  async logIn(browse: (url: string) => Promise<string>): Promise<void> {
    const verifier = oauth.generateRandomCodeVerifier();
    const state = oauth.generateRandomState();
    const request = new URLSearchParams({
      client_id: this.#client.client_id,
      redirect_uri: this.redirectUri,
      response_type: 'code',
      state,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    const answer = new URL(await browse(`${this.server.authorization_endpoint}?${request}`));
    const code = oauth.validateAuthResponse(this.server, this.#client, answer, state);
    const args = [code, this.redirectUri, verifier, this.options] as const;
    const given = await oauth.authorizationCodeGrantRequest(this.server, this.#client, oauth.None(), ...args);
    this.#tokens = await oauth.processAuthorizationCodeResponse(this.server, this.#client, given);
  }

  /** The access token: for `Authorization: Bearer`, and as `auth.token` of the socket. */
  get token(): string {
    if (!this.#tokens) throw new Error('not logged in');
    return this.#tokens.access_token;
  }

  /** A request with the token, which is renewed once if it has expired. */
  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const ask = () => {
      const headers = new Headers(init.headers);
      headers.set('authorization', `Bearer ${this.token}`);
      return fetch(this.server.issuer + path, { ...init, headers });
    };
    const used = this.token;
    const answer = await ask();
    if (!answer.headers.get('www-authenticate')?.includes('invalid_token')) return answer;
    // Somebody else of the app may have renewed it meanwhile.
    if (used === this.token) await (this.#refreshing ??= this.#refresh());
    return ask();
  }

  async logOut(): Promise<void> {
    const asked = oauth.revocationRequest(this.server, this.#client, oauth.None(), this.token, this.options);
    await oauth.processRevocationResponse(await asked);
    this.#tokens = undefined;
  }

  /** One at a time: a refresh token that comes twice ends the session. It fails when that has ended: log in again. */
  async #refresh(): Promise<void> {
    try {
      const token = this.#tokens?.refresh_token ?? '';
      const asked = oauth.refreshTokenGrantRequest(
        this.server,
        this.#client,
        oauth.None(),
        token,
        this.options,
      );
      this.#tokens = await oauth.processRefreshTokenResponse(this.server, this.#client, await asked);
    } finally {
      this.#refreshing = undefined;
    }
  }
}
