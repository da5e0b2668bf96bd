import { randomBytes } from 'node:crypto';
import { type Agent, type Directory } from '../agents.js';
import { type Timers } from '../timers.js';
import { CAPABILITIES, callSeenBy, type Call, type CallCommand, type CallState, type Leg } from './call.js';
import { VOICE, type Publish } from './channels.js';
import { type Desks } from './desks.js';
import { merged, type KeyValue } from './key-values.js';

/** T-Server's words for what cannot be done. */
const INVALID_CONNECTION_ID = { errorCode: 56, errorMessage: 'Invalid Connection ID' };
const INVALID_DESTINATION = { errorCode: 415, errorMessage: 'Invalid Destination DN' };
const INCORRECT_STATE = { errorCode: 1161, errorMessage: 'Incorrect object state' };

/** Beyond it the oldest call is forgotten, so that calls nobody completes do not pile up. */
const MAX_CALLS = 10_000;

export interface CommandData {
  readonly userData?: readonly KeyValue[] | undefined;
  readonly key?: string | undefined;
}

/** The switch: calls between agents and with the world outside; every change is told to the agents in it. */
export class Calls {
  readonly #calls = new Map<string, Call>();

  constructor(
    private readonly directory: Directory,
    private readonly desks: Desks,
    private readonly publish: Publish,
    private readonly timers: Timers,
    private readonly delayMs: number,
  ) {}

  make(user: string, destination: string, userData: readonly KeyValue[], operationId?: string): void {
    const caller = this.directory.require(user);
    const to = destination.replace(/[\s()-]/g, '');
    const callee = this.directory.atDn(to);
    if (callee ? callee === caller : !isOutside(to)) {
      this.#error(user, INVALID_DESTINATION, operationId);
      return;
    }
    const call = this.#open(caller.dn, to, userData);
    const callType = callee ? 'Internal' : 'Outbound';
    call.legs.push({ user, role: 'RoleOrigination', callType, state: 'Dialing' });
    this.#tell(call, user, operationId);
    if (callee) this.#ring(call, callee, 'Internal');
    else this.timers.after(this.delayMs, () => this.#outsideAnswers(call));
  }

  /** @returns the call's id */
  inbound(to: Agent, from: string, userData: readonly KeyValue[]): string {
    const call = this.#open(from, to.dn, userData);
    this.#ring(call, to, 'Inbound');
    return call.id;
  }

  /** The other side, or the network, ends the call. False when there is no such call. */
  hangUp(id: string): boolean {
    const call = this.#calls.get(id);
    if (call) this.#release(call);
    return call !== undefined;
  }

  command(user: string, id: string, command: CallCommand, data: CommandData, operationId?: string): void {
    const call = this.#calls.get(id);
    const leg = call?.legs.find((own) => own.user === user);
    if (!call || !leg) {
      this.#error(user, INVALID_CONNECTION_ID, operationId);
      return;
    }
    if (!CAPABILITIES[leg.state].includes(command)) {
      this.#error(user, INCORRECT_STATE, operationId);
      return;
    }
    this.#perform(call, leg, command, data, operationId);
  }

  seenBy(user: string): object[] {
    return [...this.#calls.values()].flatMap((call) =>
      call.legs
        .filter((leg) => leg.user === user)
        .map((leg) => callSeenBy(leg, call, this.timers.clock.now())),
    );
  }

  /** The agent leaves: calls are released, and nothing of them stays on the desk. */
  clear(user: string): void {
    for (const call of [...this.#calls.values()]) {
      const leg = call.legs.find((own) => own.user === user);
      if (!leg) continue;
      if (leg.state !== 'Released') this.#release(call);
      this.#forgetLeg(call, leg);
    }
  }

  #perform(call: Call, leg: Leg, command: CallCommand, data: CommandData, operationId?: string): void {
    switch (command) {
      case 'answer':
        this.#establish(call, operationId);
        break;
      case 'hold':
        this.#change(call, leg, 'Held', operationId);
        break;
      case 'retrieve':
        this.#change(call, leg, 'Established', operationId);
        break;
      case 'release':
        this.#release(call, leg.user, operationId);
        break;
      case 'complete':
        this.#complete(call, leg, operationId);
        break;
      case 'attach-user-data':
      case 'update-user-data':
        this.#attach(call, merged(call.userData, data.userData ?? []), leg.user, operationId);
        break;
      case 'delete-user-data-pair':
        this.#attach(
          call,
          call.userData.filter(({ key }) => key !== data.key),
          leg.user,
          operationId,
        );
        break;
      case 'send-dtmf':
        break;
    }
  }

  #open(from: string, to: string, userData: readonly KeyValue[]): Call {
    const id = randomBytes(8).toString('hex');
    const uuid = randomBytes(8).toString('hex');
    const call: Call = { id, uuid, from, to, legs: [], userData, establishedAt: undefined };
    this.#calls.set(id, call);
    const [oldest] = this.#calls.keys();
    if (this.#calls.size > MAX_CALLS && oldest !== undefined) this.#calls.delete(oldest);
    return call;
  }

  #ring(call: Call, callee: Agent, callType: Leg['callType']): void {
    call.legs.push({ user: callee.name, role: 'RoleDestination', callType, state: 'Ringing' });
    this.#tell(call, callee.name);
  }

  #outsideAnswers(call: Call): void {
    if (call.legs.some(({ state }) => state === 'Dialing')) this.#establish(call);
  }

  #establish(call: Call, operationId?: string): void {
    call.establishedAt = this.timers.clock.now();
    for (const leg of call.legs) {
      const isAnswering = leg.state === 'Ringing';
      this.#change(call, leg, 'Established', isAnswering ? operationId : undefined);
    }
  }

  #release(call: Call, by?: string, operationId?: string): void {
    for (const leg of [...call.legs]) {
      if (leg.state === 'Released') continue;
      this.#change(call, leg, 'Released', leg.user === by ? operationId : undefined);
      if (!this.desks.of(leg.user).autoCompleteCall) continue;
      this.timers.after(this.delayMs, () => this.#complete(call, leg));
    }
  }

  #complete(call: Call, leg: Leg, operationId?: string): void {
    if (leg.state !== 'Released' || !call.legs.includes(leg)) return;
    this.#change(call, leg, 'Completed', operationId);
    this.#forgetLeg(call, leg);
  }

  #forgetLeg(call: Call, leg: Leg): void {
    call.legs.splice(call.legs.indexOf(leg), 1);
    if (call.legs.length === 0) this.#calls.delete(call.id);
  }

  #attach(call: Call, userData: readonly KeyValue[], by: string, operationId?: string): void {
    call.userData = userData;
    for (const { user } of call.legs) {
      this.#tell(call, user, user === by ? operationId : undefined, 'AttachedDataChanged');
    }
  }

  #change(call: Call, leg: Leg, state: CallState, operationId?: string): void {
    leg.state = state;
    this.#tell(call, leg.user, operationId);
  }

  #tell(call: Call, user: string, operationId?: string, notificationType = 'StateChange'): void {
    const leg = call.legs.find((own) => own.user === user);
    if (!leg) return;
    this.publish(user, VOICE, {
      messageType: 'CallStateChanged',
      notificationType,
      ...(operationId === undefined ? {} : { operationId }),
      call: callSeenBy(leg, call, this.timers.clock.now()),
    });
  }

  #error(user: string, error: { errorCode: number; errorMessage: string }, operationId?: string): void {
    const operation = operationId === undefined ? {} : { operationId };
    this.publish(user, VOICE, { messageType: 'EventError', error, ...operation });
  }
}

/** Internal numbers are short; everything else leaves the building. */
function isOutside(number: string): boolean {
  return /^\+\d+$/.test(number) || /^\d{7,}$/.test(number);
}
