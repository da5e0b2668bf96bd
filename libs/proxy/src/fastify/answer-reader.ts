import { type IncomingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';
import { type Dispatcher } from 'undici';
import { type Answer, type AnswerHead, isSmall } from './answer.js';

type Controller = Dispatcher.DispatchController;

/** Whoever sent a request, and hears what becomes of it. */
export interface Sender {
  /** The final answer has begun. */
  onBegun(head: AnswerHead): void;
  /** Once, unless there is a failure before. */
  onAnswer(answer: Answer): void;
  /** Once, unless there is an answer before: what breaks later ends the answer's stream. */
  onFailure(error: Error): void;
}

/**
 * Reads the answer to one request: a small one whole, any other as a stream. It stands on undici's lowest interface: the
 * body streams and abort signals of `request` would cost a small answer more than all else.
 */
export class AnswerReader implements Dispatcher.DispatchHandler {
  readonly #chunks: Buffer[] = [];
  #controller: Controller | undefined;
  #head: AnswerHead | undefined;
  #stream: AnswerStream | undefined;
  #abortion: Error | undefined;

  constructor(
    private readonly sender: Sender,
    private readonly method: string,
  ) {}

  /** Nothing is left to be read, and the upstream is to know. Idempotent; without effect when it was read. */
  abort(reason: Error): void {
    this.#abortion ??= reason;
    this.#controller?.abort(reason);
  }

  onRequestStart(controller: Controller): void {
    this.#controller = controller;
    // Given up while it waited for its connection.
    if (this.#abortion) controller.abort(this.#abortion);
  }

  /** Also called for each informational answer (1xx) before the final one. */
  onResponseStart(controller: Controller, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return;
    const head = { status, headers };
    this.#head = head;
    this.sender.onBegun(head);
    if (isSmall(head, this.method)) return;
    this.#stream = new AnswerStream(controller);
    this.sender.onAnswer({ status, headers, body: { kind: 'stream', stream: this.#stream } });
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    if (!this.#stream) this.#chunks.push(chunk);
    else if (!this.#stream.push(chunk)) controller.pause();
  }

  onResponseEnd(): void {
    if (this.#stream) this.#stream.push(null);
    else if (this.#head) this.sender.onAnswer(wholeAnswer(this.#head, this.#bytes()));
  }

  onResponseError(_controller: Controller, error: Error): void {
    if (this.#stream) this.#stream.destroy(error);
    else this.sender.onFailure(error);
  }

  #bytes(): Buffer {
    const [first] = this.#chunks;
    return first && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks);
  }
}

// Written out: what is copied by spreading has a hidden class of its own each time, for which nothing is optimised.
const wholeAnswer = ({ status, headers }: AnswerHead, bytes: Buffer): Answer => ({
  status,
  headers,
  body: { kind: 'whole', bytes },
});

/** A body at the pace of its reader. Whoever destroys it tells the upstream that the rest need not be sent. */
class AnswerStream extends Readable {
  constructor(private readonly controller: Controller) {
    super({ highWaterMark: 64 * 1024 });
    // It may break before anybody reads it, who will be told all the same.
    this.on('error', ignore);
  }

  override _read(): void {
    this.controller.resume();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    // Nothing is left to be aborted at the end, which comes here, too; an error's stack is dear.
    if (!this.readableEnded) this.controller.abort(error ?? new Error('Nobody reads the rest'));
    callback(error);
  }
}

const ignore = () => {};
