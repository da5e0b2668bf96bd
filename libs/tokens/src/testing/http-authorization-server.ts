import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';

export interface HttpAuthorizationServer {
  readonly url: string;
  /** The form of each token request, in order. */
  readonly tokenRequests: { readonly form: URLSearchParams; readonly headers: IncomingMessage['headers'] }[];
  /** `Authorization` and query of each sign-out. */
  readonly signOuts: { readonly authorization: string | undefined; readonly query: string }[];
  /** What `/userinfo` answers. */
  userInfo: unknown;
  /** Seconds; undefined leaves `expires_in` out. */
  expiresIn: number | undefined;
  sendsRefreshToken: boolean;
  /** Takes the place of the next answer of the token endpoint. */
  nextTokenAnswer: ((response: ServerResponse) => void) | undefined;
  close(): Promise<void>;
}

/**
 * A small OAuth 2 server over real HTTP: `/authorize` signs in at once, checks nothing but keeps the
 * PKCE challenge; `/token` checks code and verifier.
 */
export async function startHttpAuthorizationServer(): Promise<HttpAuthorizationServer> {
  const challenges = new Map<string, string>();
  const state: Omit<HttpAuthorizationServer, 'url' | 'close'> = {
    tokenRequests: [],
    signOuts: [],
    userInfo: { username: 't100\\anna', loginName: 'anna', authorities: [], password: 'hunter2' },
    expiresIn: 300,
    sendsRefreshToken: true,
    nextTokenAnswer: undefined,
  };

  const routes: Record<string, (url: URL, request: IncomingMessage, response: ServerResponse) => unknown> = {
    '/authorize': (url, _request, response) => {
      const code = randomUUID();
      challenges.set(code, url.searchParams.get('code_challenge') ?? '');
      const back = new URL(url.searchParams.get('redirect_uri') ?? '');
      back.searchParams.set('code', code);
      back.searchParams.set('state', url.searchParams.get('state') ?? '');
      response.writeHead(302, { location: back.href }).end();
    },
    '/token': async (_url, request, response) => {
      const form = new URLSearchParams(await textOf(request));
      state.tokenRequests.push({ form, headers: request.headers });
      const answer = state.nextTokenAnswer;
      state.nextTokenAnswer = undefined;
      if (answer) {
        answer(response);
        return;
      }
      if (!isGranted(form, challenges)) {
        json(response, 400, { error: 'invalid_grant' });
        return;
      }
      json(response, 200, {
        access_token: randomUUID(),
        token_type: 'bearer',
        ...(state.sendsRefreshToken && { refresh_token: randomUUID() }),
        ...(state.expiresIn !== undefined && { expires_in: state.expiresIn }),
      });
    },
    '/userinfo': (_url, request, response) =>
      request.headers.authorization?.startsWith('Bearer ')
        ? json(response, 200, state.userInfo)
        : json(response, 401, {}),
    '/sign-out': (url, request, response) => {
      state.signOuts.push({ authorization: request.headers.authorization, query: url.search });
      json(response, 200, { status: { code: 0 } });
    },
  };

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    void (routes[url.pathname] ?? (() => response.writeHead(404).end()))(url, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(state, {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}

function isGranted(form: URLSearchParams, challenges: Map<string, string>): boolean {
  if (form.get('grant_type') === 'refresh_token') return true;
  const challenge = createHash('sha256')
    .update(form.get('code_verifier') ?? '')
    .digest('base64url');
  const code = form.get('code') ?? '';
  const granted = challenges.get(code) === challenge;
  challenges.delete(code);
  return granted;
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += String(chunk);
  return text;
}
