import { type Outcome } from '@gw/contract';
import { type ApiName, asApiName, asSessionId, asUserId, type UserId } from '@gw/kernel';
import { FakeClock } from '@gw/kernel/testing';
import { engageProfile } from '@gw/upstream';
import { type Command, Outcomes } from '../outcomes.js';
import { OutcomesEvents } from '../outcomes-events.js';
import { type Doubt } from '../pending-outcome.js';
import { ScriptedNotifications } from './scripted-notifications.js';
import { ScriptedSessions } from './scripted-sessions.js';

export const WAIT_MS = 5_000;
const anna = asUserId('anna');

class RecordedEvents extends OutcomesEvents {
  readonly outcomes: { state: Outcome['state']; waitedMs: number; doubt: Doubt | undefined }[] = [];
  listenFailures = 0;

  override settled(
    _user: UserId,
    _api: ApiName,
    state: Outcome['state'],
    waitedMs: number,
    doubt?: Doubt,
  ): void {
    this.outcomes.push({ state, waitedMs, doubt });
  }

  override listenFailed(): void {
    this.listenFailures += 1;
  }
}

/** Outcomes of the Engage APIs with notifications, sessions and time in a test's hand. */
export function openOutcomes(limits = { maxPerUser: 3, maxTotal: 5 }) {
  const clock = new FakeClock();
  const source = new ScriptedNotifications();
  const sessions = new ScriptedSessions();
  const events = new RecordedEvents();
  const outcomes = new Outcomes(engageProfile, source, sessions.watch, clock, events, limits);
  const expect = (operationId: string, more: Partial<Command> = {}) =>
    outcomes.expect({
      user: anna,
      session: asSessionId('session'),
      api: asApiName('workspace'),
      path: '/workspace/v3/voice/make-call',
      search: '',
      body: Buffer.from(JSON.stringify({ operationId })),
      hasNoBody: false,
      waitMs: WAIT_MS,
      ...more,
    });
  return { clock, source, sessions, events, outcomes, expect };
}

export const callChanged = (id: string, state: string, operationId?: string) => ({
  messageType: 'CallStateChanged',
  ...(operationId !== undefined && { operationId }),
  call: { id, state },
});

export const eventError = (operationId?: string) => ({
  messageType: 'EventError',
  error: { errorCode: 415 },
  ...(operationId !== undefined && { operationId }),
});
