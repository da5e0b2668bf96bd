import { type Clock, GatewayError } from '@gw/kernel';
import {
  type Envelope,
  type Message,
  type Packet,
  type TransportFailure,
  type TransportRequest,
} from 'cometd';
import { type BayeuxHttp, type BayeuxReply } from '../bayeux-http.js';
import { type Inbound } from '../bayeux-session.js';
import { ConnectPace } from '../connect-pace.js';
import {
  answersAll,
  type BayeuxMessage,
  isDelivery,
  META_CONNECT,
  META_HANDSHAKE,
  offersAcks,
  parseReply,
  sessionUnknownReply,
} from '../message.js';
import { LongPollingTransport } from './cometd-library.js';

export interface JournalingTransportOptions {
  readonly http: BayeuxHttp;
  readonly receive: (inbound: Inbound) => Promise<void>;
  /** The upstream refuses the user for good. */
  readonly refused: (reason: string) => void;
  /** How long a handshake has to wait for its turn, in milliseconds. */
  readonly handshakeDelayMs: () => number;
  /** How long the server may hold a connect, in milliseconds, as it advised. */
  readonly holdMs: () => number;
  readonly clock: Clock;
}

/** Time for a reply beyond what the server holds it. */
const NETWORK_DELAY_MS = 10_000;

/**
 * Long polling that stores what a reply carried before the protocol library sees the reply. The library
 * acknowledges a batch with the connect that follows, so nothing unstored is ever acknowledged; when
 * storing fails, the reply counts as a failed request and the server delivers the batch again.
 *
 * `transportSuccess` is the only hook for that which survives a failed write: at any later one the
 * library's ack counter has already moved on.
 */
export class JournalingTransport extends LongPollingTransport {
  readonly #options: JournalingTransportOptions;
  #acked = false;
  #loss = false;
  #sessionLost = false;
  #connect: Flight | undefined;
  readonly #pace = new ConnectPace();
  #connectSentAt = 0;

  constructor(options: JournalingTransportOptions) {
    super();
    this.#options = options;
  }

  /** The next connect, or the one under way, is answered as by a server that does not know us. */
  loseSession(): void {
    this.#sessionLost = true;
    this.#connect?.abort();
  }

  override xhrSend(packet: Packet): Flight {
    const flight = new Flight();
    // Not by the URL: to some nothing is appended. A handshake or a connect travels alone.
    const channel = parseReply(packet.body)[0]?.channel;
    if (channel === META_CONNECT) this.#connect = flight;
    this.#post(packet, flight, channel).then(
      (body) => packet.onSuccess(body),
      (error: unknown) => packet.onError(reasonOf(error), error),
    );
    return flight;
  }

  override convertToMessages(response: string): Message[] {
    return parseReply(response) as Message[];
  }

  override transportSuccess(envelope: Envelope, request: TransportRequest, responses: Message[]): void {
    if (request.expired) return;
    const messages = responses as BayeuxMessage[];
    const inbound = this.#inbound(messages);
    if (request.metaConnect) {
      const tookMs = this.#options.clock.now() - this.#connectSentAt;
      this.#pace.answered(tookMs, inbound !== undefined);
    }
    if (!inbound) {
      this.#proceed(envelope, request, responses);
      return;
    }
    // Else the library's timer of this request would run on during the write.
    this.clearTimeout(request.timeout);
    this.#options.receive(inbound).then(
      () => {
        if (inbound.loss) this.#loss = false;
        this.#proceed(envelope, request, responses);
      },
      (error: unknown) => {
        // The ack extension redelivers on connect only.
        if (!request.metaConnect && inbound.messages.length > 0) this.#loss = true;
        this.transportFailure(envelope, request, { reason: 'journal', exception: error });
      },
    );
  }

  override transportFailure(envelope: Envelope, request: TransportRequest, failure: TransportFailure): void {
    // Without acknowledgements, what a failed connect carried is gone, and nobody can say what it was.
    if (request.metaConnect && !this.#acked) this.#loss = true;
    super.transportFailure(envelope, request, failure);
  }

  #proceed(envelope: Envelope, request: TransportRequest, responses: Message[]): void {
    if (answersAll(envelope.messages, responses)) {
      super.transportSuccess(envelope, request, responses);
    } else {
      this.transportFailure(envelope, request, { reason: 'incomplete_reply' });
    }
  }

  /** What the replies carry that must be stored; undefined when there is nothing. */
  #inbound(messages: readonly BayeuxMessage[]): Inbound | undefined {
    const handshake = messages.find(({ channel, successful }) => channel === META_HANDSHAKE && successful);
    if (handshake) {
      this.#acked = offersAcks(handshake);
      this.#loss = false;
      this.#sessionLost = false;
    }
    const deliveries = messages.filter(isDelivery);
    const loss =
      this.#loss && messages.some(({ channel, successful }) => channel === META_CONNECT && successful);
    if (!handshake && !loss && deliveries.length === 0) return undefined;
    return {
      sessionStart: handshake !== undefined,
      loss,
      messages: deliveries.map(({ channel, data }) => ({ channel, data })),
    };
  }

  async #post(packet: Packet, flight: Flight, channel: string | undefined): Promise<string> {
    const isHandshake = channel === META_HANDSHAKE;
    const isConnect = channel === META_CONNECT;
    if (isHandshake) await this.#wait(this.#options.handshakeDelayMs(), flight.signal);
    if (isConnect) await this.#wait(this.#pace.pauseMs, flight.signal);
    const reply = await this.#send(packet, flight, isHandshake, isConnect);
    switch (reply.kind) {
      case 'session-lost':
        if (isConnect) return sessionUnknownReply(parseReply(packet.body));
        this.loseSession();
        throw new GatewayError('upstream_session_lost', 'bad_gateway', 'the upstream session was replaced');
      case 'refused':
        this.#options.refused(reply.reason);
        throw new GatewayError('upstream_refused', 'forbidden', reply.reason);
      case 'reply':
        flight.status = reply.status;
        if (reply.status !== 200) throw new StatusError(reply.status);
        return reply.body;
    }
  }

  async #send(
    packet: Packet,
    flight: Flight,
    isHandshake: boolean,
    isConnect: boolean,
  ): Promise<BayeuxReply> {
    if (isConnect && this.#sessionLost) return { kind: 'session-lost' };
    if (isConnect) this.#connectSentAt = this.#options.clock.now();
    try {
      return await this.#options.http.post({
        url: packet.url,
        body: packet.body,
        isHandshake,
        timeoutMs: NETWORK_DELAY_MS + (isConnect ? this.#options.holdMs() : 0),
        signal: flight.signal,
      });
    } catch (error) {
      if (isConnect && this.#sessionLost) return { kind: 'session-lost' };
      throw error;
    } finally {
      if (this.#connect === flight) this.#connect = undefined;
    }
  }

  #wait(ms: number, signal: AbortSignal): Promise<void> {
    if (ms <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = this.#options.clock.schedule(resolve, ms);
      signal.addEventListener('abort', () => {
        timer.cancel();
        resolve();
      });
    });
  }
}

/** Stands for the XMLHttpRequest that the library thinks it has. */
class Flight {
  /** As an XMLHttpRequest that was sent. */
  readonly readyState = 2;
  status = 0;
  readonly #abort = new AbortController();

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  abort(): void {
    this.#abort.abort();
  }
}

/** The upstream answered, but with no Bayeux reply. */
class StatusError extends GatewayError {
  constructor(status: number) {
    super(`upstream_status_${status}`, 'bad_gateway', `the upstream answered ${status}`);
  }
}

function reasonOf(error: unknown): string {
  return error instanceof GatewayError ? error.code : 'upstream_failed';
}
