import { Cancellation, type Clock, GatewayError } from '@gw/kernel';
import { type Packet } from 'cometd';
import { type BayeuxHttp, type BayeuxReply } from '../bayeux-http.js';
import { ConnectPace } from '../connect-pace.js';
import { META_CONNECT, META_HANDSHAKE, parseReply, sessionUnknownReply } from '../message.js';
import { isAck } from '../saved-session.js';

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
    const { channel, ext } = parseReply(packet.body)[0] ?? {};
    if (channel === META_CONNECT) this.#connect = flight;
    this.#flights.add(flight);
    this.#exchange(packet, flight, channel, isAck(ext?.ack)).then(
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

  /** One frame for all of it: it stays for as long as a poll is held, for each user. */
  async #exchange(
    packet: Packet,
    flight: Flight,
    channel: string | undefined,
    acknowledges: boolean,
  ): Promise<string> {
    const isConnect = channel === META_CONNECT;
    try {
      const pauseMs = this.#pauseBefore(channel);
      if (pauseMs > 0) await this.#wait(pauseMs, flight);
      if (isConnect && this.#sessionLost) return unknownTo(packet);
      if (flight.isCancelled) throw new Error('Not sent any more');
      if (isConnect) this.#connectSentAt = this.options.clock.now();
      const reply = await this.options.http.post({
        url: packet.url,
        body: packet.body,
        isHandshake: channel === META_HANDSHAKE,
        poll: isConnect ? (acknowledges ? 'acknowledged' : 'unacknowledged') : undefined,
        timeoutMs: NETWORK_DELAY_MS + (isConnect ? this.options.holdMs() : 0),
        cancellation: flight,
      });
      return this.#bodyOf(reply, packet, flight, isConnect);
    } catch (error) {
      if (isConnect && this.#sessionLost) return unknownTo(packet);
      throw error;
    } finally {
      this.#flights.delete(flight);
      if (this.#connect === flight) this.#connect = undefined;
    }
  }

  #pauseBefore(channel: string | undefined): number {
    if (channel === META_HANDSHAKE) return this.options.handshakeDelayMs();
    return channel === META_CONNECT ? this.#pace.pauseMs : 0;
  }

  #bodyOf(reply: BayeuxReply, packet: Packet, flight: Flight, isConnect: boolean): string {
    switch (reply.kind) {
      case 'session-lost':
        if (isConnect) return unknownTo(packet);
        this.loseSession();
        throw new GatewayError('upstream_session_lost', 'bad_gateway', 'the upstream session was replaced');
      case 'refused':
        this.options.refused(reply.reason);
        throw new GatewayError('upstream_refused', 'forbidden', reply.reason);
      case 'reply':
        flight.status = reply.status;
        // What CometD servers say in their replies, said by HTTP.
        if (isConnect && reply.status === 402) return sessionUnknownReply(parseReply(packet.body));
        if (reply.status !== 200) throw new StatusError(reply.status);
        return reply.body;
    }
  }

  #wait(ms: number, flight: Flight): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.options.clock.schedule(() => {
        flight.whenCancelled();
        resolve();
      }, ms);
      flight.whenCancelled(() => {
        timer.cancel();
        resolve();
      });
    });
  }
}

/** Stands for the XMLHttpRequest that the library thinks it has. */
export class Flight extends Cancellation {
  /** As an XMLHttpRequest that was sent. */
  readonly readyState = 2;
  status = 0;

  abort(): void {
    this.cancel();
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

const unknownTo = (packet: Packet): string => sessionUnknownReply(parseReply(packet.body));
