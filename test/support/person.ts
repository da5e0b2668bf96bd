import { type HandshakeAuth } from '@gw/contract';
import { type AgentAnswer, type AgentRequest, CookieAgent } from './cookie-agent.js';
import { SocketClient } from './socket-client.js';

/** Somebody with a browser: signs in, calls the REST API, opens tabs. */
export class Person {
  /**
   * @param url the gateway's public one, to which cookies belong and where pages are from
   * @param address where its connections go
   */
  constructor(
    private readonly url: string,
    readonly userName: string,
    private readonly address = url,
    readonly agent = new CookieAgent(),
    private readonly sockets: SocketClient[] = [],
  ) {}

  /** The same person with the same browser, led to one gateway as by a load balancer. */
  through(address: string): Person {
    return new Person(this.url, this.userName, address, this.agent, this.sockets);
  }

  /** The whole code flow, sign-in page included, as a browser walks it. */
  async signIn(returnTo = '/'): Promise<void> {
    const begun = await this.#askGateway(`${this.url}/auth/login?return_to=${encodeURIComponent(returnTo)}`);
    const callback = await this.authorize(locationOf(begun));
    const done = await this.#askGateway(callback);
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
  request(
    path: string,
    method = 'GET',
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<AgentAnswer> {
    return this.#askGateway(this.url + path, {
      method,
      headers: {
        origin: this.url,
        'x-csrf': '1',
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  }

  post(path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<AgentAnswer> {
    return this.request(path, 'POST', body, headers);
  }

  /** Opens a socket with this browser's cookie; does not wait for it. */
  openTab(auth: HandshakeAuth = {}): SocketClient {
    const cookie = this.agent.cookieHeader(this.url);
    const socket = new SocketClient(this.address, cookie, auth, { origin: this.url });
    this.sockets.push(socket);
    return socket;
  }

  close(): void {
    for (const socket of this.sockets) socket.close();
  }

  #askGateway(url: string, request: AgentRequest = {}): Promise<AgentAnswer> {
    return this.agent.request(url, { ...request, via: this.address });
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
