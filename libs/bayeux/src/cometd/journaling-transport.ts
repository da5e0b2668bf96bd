import {
  type Envelope,
  type Message,
  type Packet,
  type TransportFailure,
  type TransportRequest,
} from 'cometd';
import { type BayeuxListener } from '../bayeux-session.js';
import { Continuity, type Step } from '../continuity.js';
import { answersAll, isDelivery } from '../message.js';
import { type SavedSession } from '../saved-session.js';
import { parseSoundReply } from '../sound-reply.js';
import { type BayeuxRequests, type Flight } from './bayeux-requests.js';
import { LongPollingTransport } from './cometd-library.js';

/**
 * Long polling that stores what a reply carried before the protocol library sees the reply. The library
 * acknowledges a batch with the connect that follows, so nothing unstored is ever acknowledged; when
 * storing fails, the reply counts as a failed request and the server delivers the batch again.
 *
 * `transportSuccess` is the only hook for that which survives a failed write: at any later one the
 * library's ack counter has already moved on.
 */
export class JournalingTransport extends LongPollingTransport {
  readonly #continuity = new Continuity();
  #stopped = false;

  constructor(
    private readonly requests: BayeuxRequests,
    private readonly listener: BayeuxListener,
    /** Ends the session, whose acknowledgements are worth nothing, so that another follows. */
    private readonly acksBroken: (state: string) => Promise<void>,
  ) {
    super();
  }

  /** Takes the replies from now on for those of the session `saved`. */
  resume(saved: SavedSession): void {
    this.#continuity.resume(saved);
  }

  /** Aborts what is under way; from now on nothing is sent, and no reply is taken. */
  stop(): void {
    this.#stopped = true;
    this.requests.stop();
  }

  override xhrSend(packet: Packet): Flight {
    return this.requests.send(packet);
  }

  override convertToMessages(response: string): Message[] {
    return parseSoundReply(response) as Message[];
  }

  override transportSuccess(envelope: Envelope, request: TransportRequest, responses: Message[]): void {
    if (request.expired || this.#stopped) return;
    const step = this.#continuity.read(envelope.messages, responses);
    const { inbound } = step;
    if (request.metaConnect) this.requests.connectAnswered(inbound !== undefined);
    if (!inbound) {
      this.#proceed(envelope, request, responses, step);
      return;
    }
    if (inbound.sessionStart) this.requests.sessionBegun();
    // Else the library's timer of this request would run on during the write.
    this.clearTimeout(request.timeout);
    this.listener.receive(inbound).then(
      () => this.#proceed(envelope, request, responses, step),
      (error: unknown) => {
        // The ack extension redelivers on connect only.
        if (!request.metaConnect && inbound.messages.length > 0) this.#continuity.deliveriesDropped();
        this.transportFailure(envelope, request, { reason: 'journal', exception: error });
      },
    );
  }

  override transportFailure(envelope: Envelope, request: TransportRequest, failure: TransportFailure): void {
    if (request.metaConnect) this.#continuity.connectFailed();
    super.transportFailure(envelope, request, failure);
  }

  #proceed(envelope: Envelope, request: TransportRequest, responses: Message[], step: Step): void {
    this.#continuity.advance(step);
    const brokenState = step.acksBroken ? this.#continuity.state : undefined;
    if (brokenState !== undefined) {
      const failure = { reason: 'acknowledgements_broken' };
      void this.acksBroken(brokenState).then(() => this.transportFailure(envelope, request, failure));
    } else if (answersAll(envelope.messages, responses)) {
      super.transportSuccess(envelope, request, this.#forTheLibrary(request, responses));
    } else {
      this.transportFailure(envelope, request, { reason: 'incomplete_reply' });
    }
  }

  /**
   * Nobody listens to the library for deliveries, and looking for who does costs it more than all else in the
   * reply. What comes with a handshake, though, it counts.
   */
  #forTheLibrary({ metaConnect }: TransportRequest, responses: Message[]): Message[] {
    return metaConnect ? responses.filter((message) => !isDelivery(message)) : responses;
  }
}
