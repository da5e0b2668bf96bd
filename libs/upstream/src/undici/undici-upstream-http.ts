import { buildConnector } from 'undici';
import { UpstreamHttp, type UpstreamRequest, type UpstreamResponse } from '../upstream-http.js';
import { Connections } from './connections.js';
import { WholeAnswer } from './whole-answer.js';

export interface UndiciUpstreamHttpOptions {
  /** Larger answers fail with `upstream_unreachable`. Default 32 MiB. */
  readonly maxBodyBytes?: number | undefined;
}

const DEFAULT_MAX_BODY_BYTES = 32 * 1024 * 1024;

/**
 * Calls over connections that are kept alive. How many there are to an origin is not limited, because each user's long
 * poll holds one, and a limit would make users wait for one another.
 */
export class UndiciUpstreamHttp extends UpstreamHttp {
  readonly #maxBodyBytes: number;
  /** By origin; undefined while it is not started. */
  #connections: Map<string, Connections> | undefined;
  /** One for all, so that TLS sessions are resumed. */
  readonly #connect = buildConnector({});

  constructor(options: UndiciUpstreamHttpOptions = {}) {
    super();
    this.#maxBodyBytes = options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES;
  }

  start(): void {
    this.#connections ??= new Map();
  }

  /** Ends what is under way as well: long polls would otherwise hold the process for half a minute. */
  async close(): Promise<void> {
    const all = [...(this.#connections?.values() ?? [])];
    this.#connections = undefined;
    await Promise.all(all.map((connections) => connections.destroy()));
  }

  override send(request: UpstreamRequest): Promise<UpstreamResponse> {
    if (!this.#connections) return Promise.reject(new Error('The upstream client is not started'));
    const connections = this.#connectionsTo(request.origin, this.#connections);
    const { cancellation, timeoutMs } = request;
    const answer = new WholeAnswer(connections, cancellation, timeoutMs, this.#maxBodyBytes);
    answer.send(request);
    return answer.response;
  }

  #connectionsTo(origin: string, known: Map<string, Connections>): Connections {
    const connections = known.get(origin) ?? new Connections(origin, this.#connect);
    known.set(origin, connections);
    return connections;
  }
}
