import { Cancellation, type Clock, GatewayError } from '@gw/kernel';
import { type Packet } from 'cometd';
import { type BayeuxHttp, type BayeuxReply } from '../bayeux-http.js';
import { ConnectPace } from '../connect-pace.js';
import { type HandshakePacer } from '../handshake-pacer.js';
import { META_CONNECT, META_HANDSHAKE, parseReply, sessionUnknownReply } from '../message.js';
import { isAck } from '../saved-session.js';

export interface BayeuxRequestsOptions {
  readonly http: BayeuxHttp;
  /** The upstream refuses the user for good. */
  readonly refused: (reason: string) => void;
  readonly pacer: HandshakePacer;
  /** How long the server may hold a connect, in milliseconds, as it advised. */
  readonly holdMs: () => number;
  readonly clock: Clock;
}

/** Time for a reply beyond what the server holds it. */
const NETWORK_DELAY_MS = 10_000;

/** The HTTP requests of one session: when each may go out, and what its answer means. */
export class BayeuxRequests {
  readonly #pace = new ConnectPace();
  #flights: readonly Flight[] = [];
  #connect: Flight | undefined;
  #connectSentAt = 0;
  #sessionLost = false;
  #stopped = false;

  constructor(private readonly options: BayeuxRequestsOptions) {}

  send(packet: Packet): Flight {
    // Not by the URL: to some nothing is appended. A handshake or a connect travels alone.
    const { channel, ext } = parseReply(packet.body)[0] ?? {};
    const flight = new Flight(packet, channel);
    if (this.#stopped) flight.abort();
    if (flight.isConnect) this.#connect = flight;
    // Longer by exactly one: what else would grow it leaves room for more.
    this.#flights = this.#flights.concat(flight);
    const acknowledges = isAck(ext?.ack);
    const pauseMs = this.#pauseBefore(flight);
    const reply =
      pauseMs > 0
        ? this.#wait(pauseMs, flight).then(() => this.#post(flight, acknowledges))
        : this.#post(flight, acknowledges);
    // Not awaited: what a frame keeps would be kept for as long as a poll is held, for each user.
    reply.then(
      (answer) => this.#landed(flight, () => this.#bodyOf(answer, flight)),
      (error: unknown) => this.#landed(flight, () => raise(error)),
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

  #post(flight: Flight, acknowledges: boolean): Promise<BayeuxReply> {
    const { packet, isConnect, isHandshake } = flight;
    if (isConnect && this.#sessionLost) return Promise.resolve({ kind: 'session-lost' });
    if (flight.isCancelled) return Promise.reject(new Error('Not sent any more'));
    if (isConnect) this.#connectSentAt = this.options.clock.now();
    return this.options.http.post({
      url: packet.url,
      body: packet.body,
      isHandshake,
      poll: isConnect ? (acknowledges ? 'acknowledged' : 'unacknowledged') : undefined,
      timeoutMs: NETWORK_DELAY_MS + (isConnect ? this.options.holdMs() : 0),
      cancellation: flight,
    });
  }

  #landed(flight: Flight, bodyOf: () => string): void {
    this.#flights = this.#flights.filter((each) => each !== flight);
    if (this.#connect === flight) this.#connect = undefined;
    const { packet, isConnect } = flight;
    let body: string;
    try {
      body = bodyOf();
    } catch (error) {
      if (!isConnect || !this.#sessionLost) {
        packet.onError(reasonOf(error), error);
        return;
      }
      body = unknownTo(packet);
    }
    packet.onSuccess(body);
  }

  #pauseBefore({ isConnect, isHandshake }: Flight): number {
    if (isHandshake) return this.options.pacer.reserve();
    return isConnect ? this.#pace.pauseMs : 0;
  }

  #bodyOf(reply: BayeuxReply, flight: Flight): string {
    const { packet, isConnect } = flight;
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

  constructor(
    readonly packet: Packet,
    private readonly channel: string | undefined,
  ) {
    super();
  }

  get isHandshake(): boolean {
    return this.channel === META_HANDSHAKE;
  }

  get isConnect(): boolean {
    return this.channel === META_CONNECT;
  }

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

function raise(error: unknown): never {
  throw error;
}

const unknownTo = (packet: Packet): string => sessionUnknownReply(parseReply(packet.body));
