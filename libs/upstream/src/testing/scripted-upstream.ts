import { GatewayError } from '@gw/kernel';
import { UpstreamHttp, type UpstreamRequest, type UpstreamResponse } from '../upstream-http.js';

type Scripted = (Partial<UpstreamResponse> & { readonly status: number }) | GatewayError;

/**
 * An upstream that answers as told: each path its answers in turn, the last one for ever. Session-init calls
 * succeed with the cookies `ws-1`, `ws-2` …, `current-session` is 403, and everything else is 200, unless told
 * otherwise.
 */
export class ScriptedUpstream extends UpstreamHttp {
  readonly sent: UpstreamRequest[] = [];
  readonly #scripts = new Map<string, Scripted[]>();
  #initialised = 0;

  on(path: string, ...answers: Scripted[]): void {
    this.#scripts.set(path, answers);
  }

  reset(path: string): void {
    this.#scripts.delete(path);
  }

  count(path: string): number {
    return this.sent.filter((request) => request.path === path).length;
  }

  override async send(request: UpstreamRequest): Promise<UpstreamResponse> {
    this.sent.push(request);
    const script = this.#scripts.get(request.path);
    const answer = script
      ? script[Math.min(this.count(request.path), script.length) - 1]
      : this.#byDefault(request);
    if (answer instanceof GatewayError) throw answer;
    return { status: 200, contentType: '', setCookies: [], body: '', ...answer };
  }

  #byDefault({ path }: UpstreamRequest): Scripted {
    // Who asks it does so because something was refused: the session is lost unless told otherwise.
    if (path.endsWith('/current-session')) return { status: 403 };
    if (!path.includes('/initialize-')) return { status: 200 };
    this.#initialised += 1;
    const setCookies = [`WORKSPACE_SESSIONID=ws-${this.#initialised}; Secure`];
    return { status: 200, body: '{"status":{"code":1}}', setCookies };
  }
}
