import { type IncomingHttpHeaders } from 'node:http';
import { type Cancellation, type GatewayError } from '@gw/kernel';
import { type Client, type Dispatcher } from 'undici';
import { upstreamTimeout, upstreamUnreachable } from '../upstream-errors.js';
import { type UpstreamRequest, type UpstreamResponse } from '../upstream-http.js';
import { asUpstreamError } from './as-upstream-error.js';
import { type Connections } from './connections.js';

/**
 * One request and its answer, read whole. It stands on undici's lowest interface: the body streams and
 * abort signals of `request` would cost more than all else that a long poll needs.
 */
export class WholeAnswer implements Dispatcher.DispatchHandler {
  readonly response: Promise<UpstreamResponse>;
  readonly #deadline: NodeJS.Timeout;
  readonly #chunks: Buffer[] = [];
  #size = 0;
  #status = 0;
  #headers: IncomingHttpHeaders | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #ended: Error | 'answered' | undefined;
  #client: Client | undefined;
  #resolve: (response: UpstreamResponse) => void = () => {};
  #reject: (error: Error) => void = () => {};

  constructor(
    private readonly connections: Connections,
    private readonly cancellation: Cancellation | undefined,
    timeoutMs: number,
    private readonly maxBodyBytes: number,
  ) {
    this.response = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#deadline = setTimeout(() => this.#giveUp(upstreamTimeout()), timeoutMs);
    cancellation?.whenCancelled(() => this.#giveUp(new Error('The request was cancelled')));
  }

  send({ origin, method, path, headers, body }: UpstreamRequest): void {
    // The deadline here covers both.
    const timeouts = { headersTimeout: 0, bodyTimeout: 0 };
    this.#client = this.connections.take();
    this.#client.dispatch({ origin, method, path, headers, body: bytesOf(body), ...timeouts }, this);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // Given up while it waited for its connection.
    if (this.#ended instanceof Error) controller.abort(this.#ended);
  }

  /** Also called for each informational answer (1xx) before the final one. */
  onResponseStart(
    _controller: Dispatcher.DispatchController,
    statusCode: number,
    headers: IncomingHttpHeaders,
  ): void {
    this.#status = statusCode;
    this.#headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#size += chunk.length;
    if (this.#size > this.maxBodyBytes) {
      this.#giveUp(upstreamUnreachable(new Error('The answer is too large')));
    } else {
      this.#chunks.push(chunk);
    }
  }

  onResponseEnd(): void {
    if (this.#client) this.connections.giveBack(this.#client);
    if (!this.#end('answered')) return;
    this.#resolve({
      status: this.#status,
      contentType: single(this.#headers?.['content-type']),
      setCookies: list(this.#headers?.['set-cookie']),
      // Decoded once over the whole: a character may lie across two chunks.
      body: Buffer.concat(this.#chunks, this.#size).toString('utf8'),
    });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#client) this.connections.drop(this.#client);
    if (this.#end(error)) this.#reject(asUpstreamError(error));
  }

  #giveUp(reason: Error | GatewayError): void {
    if (!this.#end(reason)) return;
    this.#reject(reason);
    this.#controller?.abort(reason);
  }

  /** True for the first end: the others, among them undici's report of an abort, are no news. */
  #end(how: Error | 'answered'): boolean {
    if (this.#ended !== undefined) return false;
    this.#ended = how;
    clearTimeout(this.#deadline);
    this.cancellation?.whenCancelled();
    return true;
  }
}

/** Bytes of their own: a slice of Node's pool would hold 8 KiB of it for as long as a poll is held. */
function bytesOf(body: string | undefined): Uint8Array | null {
  return body === undefined ? null : new TextEncoder().encode(body);
}

function single(value: string | string[] | undefined): string {
  return typeof value === 'string' ? value : (value?.[0] ?? '');
}

function list(value: string | string[] | undefined): readonly string[] {
  return typeof value === 'string' ? [value] : (value ?? []);
}
