import { type Inbound } from './bayeux-session.js';
import { type BayeuxMessage, isDelivery, META_CONNECT, META_HANDSHAKE, offersAcks } from './message.js';
import {
  digestOf,
  isAck,
  type SavedAdvice,
  savedAdvice,
  type SavedSession,
  stringsOf,
  writeMark,
  writeState,
} from './saved-session.js';

/** What one reply of the server means to us. */
export interface Step {
  /** What must be stored of it; undefined when there is nothing. */
  readonly inbound: Inbound | undefined;
  /** The session as it is after this reply; undefined when the reply does not change it. */
  readonly session: SavedSession | undefined;
  /** The server does not keep its side of the acknowledgements any more: nothing of it can be relied on. */
  readonly acksBroken: boolean;
}

/**
 * Follows one Bayeux session through its replies: what each carried, where another process would have to
 * go on after it, and whether something may be missing.
 */
export class Continuity {
  #session: SavedSession | undefined;
  /** Something may have been lost, and that is not stored yet. */
  #loss = false;
  /** Worked out once a session. */
  #digest = { clientId: '', text: '' };
  /** Written out once, as long as nothing of it changes. */
  #written: { readonly advice: SavedAdvice; readonly clientId: string; readonly state: string } | undefined;

  /** What is left of the session for `endSaved`; undefined when there is none. */
  get state(): string | undefined {
    return this.#session && this.#stateOf(this.#session);
  }

  /** Goes on with the session of another process. */
  resume(saved: SavedSession): void {
    this.#session = saved;
    this.#loss = saved.ack === undefined;
  }

  /** What the replies to `requests` carry. Nothing has changed before `advance`. */
  read(requests: readonly BayeuxMessage[], replies: readonly BayeuxMessage[]): Step {
    const handshake = replies.find(({ channel, successful }) => channel === META_HANDSHAKE && successful);
    const connect = replies.find(({ channel, successful }) => channel === META_CONNECT && successful);
    const next = handshake
      ? handshaken(requests, handshake)
      : this.#session && connected(this.#session, connect);
    const changed = (handshake ?? connect) ? next : undefined;
    const deliveries = replies.filter(isDelivery);
    const acksBroken =
      connect !== undefined &&
      this.#session?.ack !== undefined &&
      !isAcknowledging(requests, connect, deliveries.length > 0);
    const loss = this.#loss && !handshake && (connect !== undefined || deliveries.length > 0);
    // No delivery can be meant for us as long as there is no session.
    if (!next || (!handshake && !loss && deliveries.length === 0)) {
      return { inbound: undefined, session: changed, acksBroken };
    }
    const inbound: Inbound = {
      sessionStart: handshake !== undefined,
      loss,
      messages: deliveries.map(({ channel, data }) => ({ channel, data })),
      follows: this.#session && this.#followed(this.#session, requests),
      state: this.#stateOf(next),
      mark: next.ack === undefined ? undefined : writeMark(this.#digestOf(next), next.ack),
    };
    return { inbound, session: changed, acksBroken };
  }

  /** What the step carried is stored, or there was nothing to store. */
  advance({ inbound, session }: Step): void {
    if (session) this.#session = session;
    if (inbound && (inbound.loss || inbound.sessionStart)) this.#loss = false;
  }

  /** No reply to a connect: without acknowledgements, what it carried is gone. */
  connectFailed(): void {
    if (this.#session?.ack === undefined) this.#loss = true;
  }

  /** The reply to anything else than a connect was not stored: no server delivers that again. */
  deliveriesDropped(): void {
    this.#loss = true;
  }

  #followed(session: SavedSession, requests: readonly BayeuxMessage[]): string | undefined {
    const carried = connectIn(requests)?.ext?.ack;
    if (session.ack === undefined || !isAck(carried)) return undefined;
    return writeMark(this.#digestOf(session), carried);
  }

  #digestOf({ clientId }: SavedSession): string {
    if (this.#digest.clientId !== clientId) this.#digest = { clientId, text: digestOf(clientId) };
    return this.#digest.text;
  }

  #stateOf(session: SavedSession): string {
    const { clientId, advice } = session;
    const written = this.#written;
    if (written?.clientId === clientId && written.advice === advice) return written.state;
    const state = writeState(session);
    this.#written = { clientId, advice, state };
    return state;
  }
}

function handshaken(requests: readonly BayeuxMessage[], reply: BayeuxMessage): SavedSession | undefined {
  const { clientId, supportedConnectionTypes, advice } = reply;
  if (typeof clientId !== 'string' || clientId === '') return undefined;
  return {
    clientId,
    ack: requests.some(offersAcks) && offersAcks(reply) ? firstAck(reply) : undefined,
    supportedConnectionTypes: stringsOf(supportedConnectionTypes),
    advice: savedAdvice(advice ?? {}),
  };
}

/** A server that says where it stands does so in the newer form of the extension. */
function firstAck({ ext }: BayeuxMessage): number {
  const ack = ext?.ack;
  return typeof ack === 'object' && ack !== null && 'batch' in ack && isAck(ack.batch) ? ack.batch : 0;
}

function connected(session: SavedSession, reply: BayeuxMessage | undefined): SavedSession {
  if (!reply) return session;
  const { clientId, supportedConnectionTypes } = session;
  const ack = reply.ext?.ack;
  return {
    clientId,
    ack: session.ack !== undefined && isAck(ack) ? ack : session.ack,
    supportedConnectionTypes,
    advice: reply.advice ? newest(session.advice, savedAdvice(reply.advice)) : session.advice,
  };
}

/** The object that we have, where it says the same. */
function newest(before: SavedAdvice, now: SavedAdvice): SavedAdvice {
  return before.timeout === now.timeout && before.maxInterval === now.maxInterval ? before : now;
}

/**
 * With every batch the acknowledgement moves on. Were it the same as that of the batch before, the next
 * batch would be taken for a redelivery of this one; and one that goes back has the server deliver again
 * what it was told long ago.
 */
function isAcknowledging(
  requests: readonly BayeuxMessage[],
  { ext }: BayeuxMessage,
  carriesMessages: boolean,
): boolean {
  const before = connectIn(requests)?.ext?.ack;
  const ack = ext?.ack;
  if (!isAck(ack)) return false;
  return !isAck(before) || ack > before || (ack === before && !carriesMessages);
}

function connectIn(requests: readonly BayeuxMessage[]): BayeuxMessage | undefined {
  return requests.find(({ channel }) => channel === META_CONNECT);
}
