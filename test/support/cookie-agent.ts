export interface AgentAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  json(): unknown;
}

export interface AgentRequest {
  readonly method?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | undefined;
  /** The origin to connect to in the place of the URL's own. */
  readonly via?: string | undefined;
}

/** A browser reduced to its cookies: keeps them per host and port, follows no redirect by itself. */
export class CookieAgent {
  readonly #jars = new Map<string, Map<string, string>>();
  /** Everything that ever came back: status, headers and body of each answer, as one text. */
  readonly transcript: string[] = [];

  async request(
    url: string,
    { method = 'GET', headers = {}, body, via }: AgentRequest = {},
  ): Promise<AgentAnswer> {
    const { host, pathname, search } = new URL(url);
    const cookie = this.cookieHeader(url);
    const response = await fetch(via === undefined ? url : via + pathname + search, {
      method,
      headers: { ...(cookie && { cookie }), ...headers },
      redirect: 'manual',
      ...(body !== undefined && { body }),
    });
    const text = await response.text();
    this.#keep(host, response.headers.getSetCookie());
    this.transcript.push(
      [`${response.status} ${url}`, ...[...response.headers].map((pair) => pair.join(': ')), text].join('\n'),
    );
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: () => JSON.parse(text) as unknown,
    };
  }

  cookieHeader(url: string): string {
    const jar = this.#jars.get(new URL(url).host) ?? new Map<string, string>();
    return [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  cookie(url: string, name: string): string | undefined {
    return this.#jars.get(new URL(url).host)?.get(name);
  }

  #keep(host: string, setCookies: readonly string[]): void {
    const jar = this.#jars.get(host) ?? new Map<string, string>();
    this.#jars.set(host, jar);
    for (const line of setCookies) {
      const [pair = '', ...attributes] = line.split(';');
      const equals = pair.indexOf('=');
      const name = pair.slice(0, equals).trim();
      const value = pair.slice(equals + 1).trim();
      const removed = attributes.some((attribute) => /^\s*max-age=0$/i.test(attribute));
      if (removed || value === '') jar.delete(name);
      else jar.set(name, value);
    }
  }
}
