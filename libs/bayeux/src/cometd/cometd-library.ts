import { adapt } from 'cometd-nodejs-client';

// What the library's own type declarations leave out, as of 9.0.0: the transports and the hooks that
// its documentation tells subclasses to override.
declare module 'cometd' {
  interface Envelope {
    readonly url: string;
    readonly messages: Message[];
  }

  /** The library's record of one HTTP request. */
  interface TransportRequest {
    readonly id: number;
    readonly metaConnect: boolean;
    readonly timeout: unknown;
    readonly expired: boolean;
  }

  interface TransportFailure {
    readonly reason?: string;
    readonly exception?: unknown;
    readonly httpCode?: number;
  }

  interface Packet {
    readonly url: string;
    readonly body: string;
    onSuccess(response: string): void;
    onError(reason: string, exception?: unknown): void;
  }

  interface FailureInfo {
    action: 'handshake' | 'retry' | 'none';
    delay?: number;
  }

  class LongPollingTransport implements Transport {
    readonly type: string;
    url: string;
    accept(version: string, crossDomain: boolean, url: string): boolean;
    abort(): void;
    clearTimeout(handle: unknown): void;
    /** Sends one HTTP request; the returned object stands for the XMLHttpRequest. */
    xhrSend(packet: Packet): { readonly readyState: number; readonly status: number; abort(): void };
    convertToMessages(response: string): Message[];
    transportSuccess(envelope: Envelope, request: TransportRequest, responses: Message[]): void;
    transportFailure(envelope: Envelope, request: TransportRequest, failure: TransportFailure): void;
  }

  interface Message {
    failure?: TransportFailure;
  }

  interface CometD {
    /** Whether the next handshake asks for acknowledgements; undefined: it does. */
    ackEnabled?: boolean;
    /** Decides what follows a failed request: changes `info`, then calls `proceed` with it. */
    onTransportFailure(message: Message, info: FailureInfo, proceed: (info: FailureInfo) => void): void;
    /** Takes a message for one that the server sent. */
    receive(message: Message): void;
    _warn(...args: unknown[]): void;
    _info(...args: unknown[]): void;
  }
}

// The library is made for browsers: this gives it the globals that it reads. `adapt` also replaces
// console.debug, which is none of its business.

const { debug } = console;
adapt();
// eslint-disable-next-line no-console
console.debug = debug;

export { AckExtension, CometD, LongPollingTransport } from 'cometd';
