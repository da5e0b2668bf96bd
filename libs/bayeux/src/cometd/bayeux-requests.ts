import { type Clock, GatewayError } from '@gw/kernel';
import { type Packet } from 'cometd';
import { type BayeuxHttp, type BayeuxReply } from '../bayeux-http.js';
import { ConnectPace } from '../connect-pace.js';
import { META_CONNECT, META_HANDSHAKE, parseReply, sessionUnknownReply } from '../message.js';

export interface BayeuxRequestsOptions {
  readonly http: BayeuxHttp;
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

/** The HTTP requests of one session: when each may go out, and what its answer means. */
export class BayeuxRequests {
  readonly #pace = new ConnectPace();
  readonly #flights = new Set<Flight>();
  #connect: Flight | undefined;
  #connectSentAt = 0;
  #sessionLost = false;
  #stopped = false;

  constructor(private readonly options: BayeuxRequestsOptions) {}

  send(packet: Packet): Flight {
    const flight = new Flight();
    if (this.#stopped) flight.abort();
    // Not by the URL: to some nothing is appended. A handshake or a connect travels alone.
    const channel = parseReply(packet.body)[0]?.channel;
    if (channel === META_CONNECT) this.#connect = flight;
    this.#flights.add(flight);
    this.#post(packet, flight, channel)
      .finally(() => this.#flights.delete(flight))
      .then(
        (body) => packet.onSuccess(body),
        (error: unknown) => packet.onError(reasonOf(error), error),
      );
    return flight;
  }

  /** The next connect, or the one under way, is answered as by a server that does not know us. */
  loseSession(): void {
    this.#sessionLost = true;
    this.#connect?.abort();
  }

  /** A handshake succeeded. */
  sessionBegun(): void {
    this.#sessionLost = false;
  }

  /** A connect was answered; `carried` when there was something in it. */
  connectAnswered(carried: boolean): void {
    this.#pace.answered(this.options.clock.now() - this.#connectSentAt, carried);
  }

  /** Aborts what is under way; from now on nothing is sent. */
  stop(): void {
    this.#stopped = true;
    for (const flight of this.#flights) flight.abort();
  }

  async #post(packet: Packet, flight: Flight, channel: string | undefined): Promise<string> {
    const isHandshake = channel === META_HANDSHAKE;
    const isConnect = channel === META_CONNECT;
    if (isHandshake) await this.#wait(this.options.handshakeDelayMs(), flight.signal);
    if (isConnect) await this.#wait(this.#pace.pauseMs, flight.signal);
    const reply = await this.#send(packet, flight, isHandshake, isConnect);
    switch (reply.kind) {
      case 'session-lost':
        if (isConnect) return sessionUnknownReply(parseReply(packet.body));
        this.loseSession();
        throw new GatewayError('upstream_session_lost', 'bad_gateway', 'the upstream session was replaced');
      case 'refused':
        this.options.refused(reply.reason);
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
    if (isConnect) this.#connectSentAt = this.options.clock.now();
    try {
      // During the wait before.
      flight.signal.throwIfAborted();
      return await this.options.http.post({
        url: packet.url,
        body: packet.body,
        isHandshake,
        timeoutMs: NETWORK_DELAY_MS + (isConnect ? this.options.holdMs() : 0),
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
      const timer = this.options.clock.schedule(resolve, ms);
      signal.addEventListener('abort', () => {
        timer.cancel();
        resolve();
      });
    });
  }
}

/** Stands for the XMLHttpRequest that the library thinks it has. */
export class Flight {
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
