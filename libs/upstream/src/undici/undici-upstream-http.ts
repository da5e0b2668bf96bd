import { Agent } from 'undici';
import { UpstreamHttp, type UpstreamRequest, type UpstreamResponse } from '../upstream-http.js';
import { WholeAnswer } from './whole-answer.js';

export interface UndiciUpstreamHttpOptions {
  /** Larger answers fail with `upstream_unreachable`. Default 32 MiB. */
  readonly maxBodyBytes?: number | undefined;
}

const DEFAULT_MAX_BODY_BYTES = 32 * 1024 * 1024;

/**
 * Calls through one keep-alive agent. Connections per origin are not limited, because each user's long poll
 * holds one, and a limit would make users wait for one another.
 */
export class UndiciUpstreamHttp extends UpstreamHttp {
  readonly #maxBodyBytes: number;
  #agent: Agent | undefined;

  constructor(options: UndiciUpstreamHttpOptions = {}) {
    super();
    this.#maxBodyBytes = options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES;
  }

  start(): void {
    this.#agent ??= new Agent({ pipelining: 1 });
  }

  /** Ends what is under way as well: long polls would otherwise hold the process for half a minute. */
  async close(): Promise<void> {
    const agent = this.#agent;
    this.#agent = undefined;
    await agent?.destroy();
  }

  override send(request: UpstreamRequest): Promise<UpstreamResponse> {
    if (!this.#agent) return Promise.reject(new Error('The upstream client is not started'));
    const answer = new WholeAnswer(request.cancellation, request.timeoutMs, this.#maxBodyBytes);
    answer.send(this.#agent, request);
    return answer.response;
  }
}
