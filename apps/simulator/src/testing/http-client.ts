import { z } from 'zod';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; `undefined` when it is none. */
  readonly json: unknown;
}

/** fetch with a cookie jar of its own and no redirects followed: one browser, or one server-side client. */
export class HttpClient {
  readonly cookies = new Map<string, string>();
  readonly headers: Record<string, string> = {};

  constructor(readonly url: string) {}

  get(path: string): Promise<Answer> {
    return this.#send(path, {});
  }

  delete(path: string): Promise<Answer> {
    return this.#send(path, { method: 'DELETE' });
  }

  post(path: string, body?: unknown, signal?: AbortSignal): Promise<Answer> {
    const json = body === undefined ? {} : { body: JSON.stringify(body) };
    const headers = { 'content-type': 'application/json' };
    return this.#send(path, { method: 'POST', headers, ...json, ...(signal ? { signal } : {}) });
  }

  postForm(path: string, fields: Readonly<Record<string, string>>): Promise<Answer> {
    return this.#send(path, { method: 'POST', body: new URLSearchParams(fields) });
  }

  async #send(path: string, init: RequestInit): Promise<Answer> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const own: Record<string, string> = cookie === '' ? this.headers : { ...this.headers, cookie };
    const headers = { ...own, ...(init.headers as Record<string, string> | undefined) };
    const response = await fetch(new URL(path, this.url), { redirect: 'manual', ...init, headers });
    for (const line of response.headers.getSetCookie()) this.#store(line);
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: parse(text) };
  }

  #store(line: string): void {
    const [pair = ''] = line.split(';');
    const at = pair.indexOf('=');
    if (/expires=Thu, 01 Jan 1970/i.test(line)) this.cookies.delete(pair.slice(0, at));
    else this.cookies.set(pair.slice(0, at), pair.slice(at + 1));
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

export const BASIC = `Basic ${Buffer.from('engage-gateway:simulator-secret').toString('base64')}`;

export const tokensSchema = z.object({
  access_token: z.string(),
  refresh_token: z.string(),
  expires_in: z.number(),
});
export type Tokens = z.infer<typeof tokensSchema>;

/** A client that holds a bearer token of the user. */
export async function clientOf(url: string, user: string): Promise<HttpClient> {
  const client = new HttpClient(url);
  client.headers.authorization = BASIC;
  const form = { grant_type: 'password', username: `t100\\${user}`, password: 'demo' };
  const { access_token } = tokensSchema.parse((await client.postForm('/auth/v3/oauth/token', form)).json);
  client.headers.authorization = `Bearer ${access_token}`;
  return client;
}

/** The same, with a Workspace session. */
export async function workspaceClientOf(url: string, user: string): Promise<HttpClient> {
  const client = await clientOf(url, user);
  await client.post('/workspace/v3/initialize-workspace');
  return client;
}
