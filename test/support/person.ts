import { type HandshakeAuth } from '@gw/contract';
import { type AgentAnswer, CookieAgent } from './cookie-agent.js';
import { SocketClient } from './socket-client.js';

/** Somebody with a browser: signs in, calls the REST API, opens tabs. */
export class Person {
  readonly agent = new CookieAgent();
  readonly #sockets: SocketClient[] = [];

  constructor(
    private readonly url: string,
    readonly userName: string,
  ) {}

  /** The whole code flow, sign-in page included, as a browser walks it. */
  async signIn(returnTo = '/'): Promise<void> {
    const begun = await this.agent.request(
      `${this.url}/auth/login?return_to=${encodeURIComponent(returnTo)}`,
    );
    const callback = await this.authorize(locationOf(begun));
    const done = await this.agent.request(callback);
    if (done.status !== 302) throw new Error(`signing in ended with ${done.status}: ${done.text}`);
  }

  /** Follows an authorization request through the sign-in page; returns the redirect back to the gateway. */
  async authorize(authorizationUrl: string): Promise<string> {
    const page = await this.agent.request(authorizationUrl);
    if (page.status === 302) return locationOf(page);
    const fields = new URLSearchParams(hiddenFieldsOf(page.text));
    fields.set('username', this.userName);
    fields.set('password', 'demo');
    const action = /<form[^>]*action="([^"]*)"/.exec(page.text)?.[1] ?? '';
    const submitted = await this.agent.request(new URL(unescape(action), authorizationUrl).href, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: fields.toString(),
    });
    const next = new URL(locationOf(submitted), authorizationUrl).href;
    return next.startsWith(this.url) ? next : locationOf(await this.agent.request(next));
  }

  /** A request as the page at the gateway's own origin makes it. */
  request(path: string, method = 'GET', body?: unknown): Promise<AgentAnswer> {
    return this.agent.request(this.url + path, {
      method,
      headers: {
        origin: this.url,
        'x-csrf': '1',
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  }

  post(path: string, body?: unknown): Promise<AgentAnswer> {
    return this.request(path, 'POST', body);
  }

  /** Opens a socket with this browser's cookie; does not wait for it. */
  openTab(auth: HandshakeAuth = {}): SocketClient {
    const socket = new SocketClient(this.url, this.agent.cookieHeader(this.url), auth);
    this.#sockets.push(socket);
    return socket;
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
  }
}

export function locationOf(answer: AgentAnswer): string {
  const location = answer.headers.get('location');
  if (!location) throw new Error(`no redirect but ${answer.status}: ${answer.text}`);
  return location;
}

function hiddenFieldsOf(page: string): [string, string][] {
  return [...page.matchAll(/<input[^>]*type="hidden"[^>]*>/g)].map(([input]) => [
    /name="([^"]*)"/.exec(input)?.[1] ?? '',
    unescape(/value="([^"]*)"/.exec(input)?.[1] ?? ''),
  ]);
}

const unescape = (html: string) =>
  html.replaceAll('&amp;', '&').replaceAll('&quot;', '"').replaceAll('&#39;', "'");
