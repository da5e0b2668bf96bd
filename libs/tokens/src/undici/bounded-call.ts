import { Agent, errors, request } from 'undici';
import { type UnavailableReason } from '../authorization-server.js';

export interface Call {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

export type Answer =
  | {
      readonly kind: 'answer';
      readonly status: number;
      /** The Retry-After header, RFC 9110 §10.2.3. */
      readonly retryAfter: string | undefined;
      /** Undefined when it is not JSON. */
      readonly json: unknown;
    }
  | {
      readonly kind: 'none';
      readonly reason: Extract<UnavailableReason, 'timeout' | 'unreachable' | 'malformed'>;
      readonly cause: unknown;
    };

const MAX_BODY_BYTES = 64 * 1_024;
const MAX_CONNECTIONS = 32;

/** Small JSON calls, each over within `timeoutMs` whatever the server does. Redirects are answers, not followed. */
export class BoundedCalls {
  readonly #agent: Agent;

  constructor(private readonly timeoutMs: number) {
    this.#agent = new Agent({
      connections: MAX_CONNECTIONS,
      connect: { timeout: timeoutMs },
      maxResponseSize: MAX_BODY_BYTES,
    });
  }

  async run({ method, url, headers, body }: Call): Promise<Answer> {
    const signal = AbortSignal.timeout(this.timeoutMs);
    try {
      const response = await request(url, {
        dispatcher: this.#agent,
        method,
        headers,
        body: body ?? null,
        signal,
      });
      const retryAfter = response.headers['retry-after'];
      return {
        kind: 'answer',
        status: response.statusCode,
        retryAfter: typeof retryAfter === 'string' ? retryAfter : undefined,
        json: parsed(await response.body.text()),
      };
    } catch (cause) {
      return { kind: 'none', reason: reasonOf(cause, signal), cause };
    }
  }

  /** Waits for calls under way; they end by their deadline. */
  async close(): Promise<void> {
    await this.#agent.close();
  }
}

function reasonOf(error: unknown, signal: AbortSignal): 'timeout' | 'unreachable' | 'malformed' {
  if (signal.aborted || error instanceof errors.ConnectTimeoutError) return 'timeout';
  return error instanceof errors.ResponseExceededMaxSizeError ? 'malformed' : 'unreachable';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
