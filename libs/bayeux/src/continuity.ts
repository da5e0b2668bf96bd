import { hash } from 'node:crypto';
import { type Inbound } from './bayeux-session.js';
import { type BayeuxMessage, isDelivery, META_CONNECT, META_HANDSHAKE, offersAcks } from './message.js';
import { isAck, savedAdvice, type SavedSession, stringsOf, writeSavedSession } from './saved-session.js';

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
  /** Stands for the client id in what is stored and compared, and must not tell it. */
  #digest = { clientId: '', text: '' };

  /** What is left of the session for `endSaved`; undefined when there is none. */
  get state(): string | undefined {
    return this.#session && writeSavedSession(this.#session);
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
      state: writeSavedSession(next),
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

  #followed({ clientId, ack }: SavedSession, requests: readonly BayeuxMessage[]): string | undefined {
    const carried = connectIn(requests)?.ext?.ack;
    if (ack === undefined || !isAck(carried)) return undefined;
    if (this.#digest.clientId !== clientId) {
      this.#digest = { clientId, text: hash('sha256', clientId, 'base64url').slice(0, 22) };
    }
    return `${this.#digest.text}:${carried}`;
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
  const ack = reply.ext?.ack;
  return {
    ...session,
    ack: session.ack !== undefined && isAck(ack) ? ack : session.ack,
    advice: reply.advice ? savedAdvice(reply.advice) : session.advice,
  };
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
