import { FanoutEvents } from '@gw/fanout';
import { LimitsEvents } from '@gw/limits';
import { ProxyEvents } from '@gw/proxy';
import { IdempotencyEvents } from '@gw/idempotency';
import { OutcomesEvents } from '@gw/outcomes';
import { RedisEvents } from '@gw/redis';
import { asApiName, asUserId, GatewayError } from '@gw/kernel';
import { SessionsEvents } from '@gw/sessions';
import { aSession } from '@gw/sessions/testing';
import { TokensEvents } from '@gw/tokens';
import { UpstreamEvents } from '@gw/upstream';
import { type Logger } from 'pino';
import { describe, expect, it } from 'vitest';
import {
  LoggedFanout,
  LoggedLimits,
  LoggedProxy,
  LoggedIdempotency,
  LoggedOutcomes,
  LoggedRedis,
  LoggedSessions,
  LoggedTokens,
  LoggedUpstream,
} from './logged-events.js';
import { createLogger } from './logger.js';

/** A call of each method of an events class: one that is added does not compile until it is called here. */
type Calls<Events> = Readonly<Record<keyof Events, (events: Events) => void>>;

const user = asUserId('anna');
const api = asApiName('workspace');
const session = aSession(0);
const error = new GatewayError('some_code', 'unavailable', 'away');

const sessions: Calls<SessionsEvents> = {
  created: (events) => events.created(session),
  ended: (events) => events.ended(session, 'logout'),
  backgroundFailed: (events) => events.backgroundFailed('sweep', error),
};
const tokens: Calls<TokensEvents> = {
  refreshed: (events) => events.refreshed(user),
  refreshFailed: (events) => events.refreshFailed(user, 'status', 500),
  refreshThrew: (events) => events.refreshThrew(user, error),
  tokensUnsaved: (events) => events.tokensUnsaved(user, error),
  sessionLost: (events) => events.sessionLost(user, 'invalid-grant'),
  signedIn: (events) => events.signedIn(user),
  loginRefused: (events) => events.loginRefused('state_mismatch'),
  signedOut: (events) => events.signedOut(user),
  signOutFailed: (events) => events.signOutFailed(user, error),
};
const upstream: Calls<UpstreamEvents> = {
  initialised: (events) => events.initialised(user, api, 1),
  initRefused: (events) => events.initRefused(user, api, 403, 500),
  recovered: (events) => events.recovered(user, api, 401),
  recoveryGivenUp: (events) => events.recoveryGivenUp(user, api, 403),
  stateFailed: (events) => events.stateFailed(user, error),
  logoutFailed: (events) => events.logoutFailed(user, api, error),
};
const limits: Calls<LimitsEvents> = {
  rateExceeded: (events) => events.rateExceeded('login'),
  levelsUnavailable: (events) => events.levelsUnavailable('login', error),
};
const proxy: Calls<ProxyEvents> = {
  circuitOpened: (events) => events.circuitOpened(api),
  circuitClosed: (events) => events.circuitClosed(api),
  refusedByCircuit: (events) => events.refusedByCircuit(api),
  tooManyInFlight: (events) => events.tooManyInFlight(user),
};
const fanout: Calls<FanoutEvents> = {
  upstreamChanged: (events) => events.upstreamChanged(user, api, 'refused', 'forbidden'),
  connectFailed: (events) => events.connectFailed(user, api, error),
  handshake: (events) => events.handshake(api),
  journaled: (events) => events.journaled(user, api, 3),
  delivered: (events) => events.delivered(user, 3),
  journalFailed: (events) => events.journalFailed(user, api, error),
  ownershipLost: (events) => events.ownershipLost(user, api),
  tookOver: (events) => events.tookOver(user, api),
  takeoverFailed: (events) => events.takeoverFailed(user, error),
  releaseFailed: (events) => events.releaseFailed(user, api, error),
  boardFailed: (events) => events.boardFailed(user, error),
  gapReported: (events) => events.gapReported(user, api, 'window'),
  readFailed: (events) => events.readFailed(user, error),
  clientAttached: (events) => events.clientAttached(user, true),
  clientDetached: (events) => events.clientDetached(user),
};

const outcomes: Calls<OutcomesEvents> = {
  settled: (events) => events.settled(user, api, 'unknown', 30, 'gap'),
  listenFailed: (events) => events.listenFailed(user, api, error),
};
const idempotency: Calls<IdempotencyEvents> = {
  repeated: (events) => events.repeated(user),
  refused: (events) => events.refused(user, 'idempotency_key_reused'),
  notKept: (events) => events.notKept(user, error),
};
const redis: Calls<RedisEvents> = {
  connected: (events) => events.connected('commands'),
  disconnected: (events) => events.disconnected('channels', error),
};

function linesOf(run: (log: Logger) => void): Record<string, unknown>[] {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  run(createLogger({ level: 'trace', instanceId: 'gateway-7', destination }));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

const methodsOf = ({ prototype }: { readonly prototype: object }) =>
  Object.getOwnPropertyNames(prototype).filter((name) => name !== 'constructor');

describe.each([
  ['LoggedSessions', LoggedSessions, SessionsEvents, lines(sessions, (log) => new LoggedSessions(log))],
  ['LoggedTokens', LoggedTokens, TokensEvents, lines(tokens, (log) => new LoggedTokens(log))],
  ['LoggedUpstream', LoggedUpstream, UpstreamEvents, lines(upstream, (log) => new LoggedUpstream(log))],
  ['LoggedLimits', LoggedLimits, LimitsEvents, lines(limits, (log) => new LoggedLimits(log))],
  ['LoggedProxy', LoggedProxy, ProxyEvents, lines(proxy, (log) => new LoggedProxy(log))],
  ['LoggedFanout', LoggedFanout, FanoutEvents, lines(fanout, (log) => new LoggedFanout(log))],
  ['LoggedOutcomes', LoggedOutcomes, OutcomesEvents, lines(outcomes, (log) => new LoggedOutcomes(log))],
  [
    'LoggedIdempotency',
    LoggedIdempotency,
    IdempotencyEvents,
    lines(idempotency, (log) => new LoggedIdempotency(log)),
  ],
  ['LoggedRedis', LoggedRedis, RedisEvents, lines(redis, (log) => new LoggedRedis(log))],
])('%s', (_name, Logged, Events, written) => {
  it('overrides every event, and knows no other', () => {
    expect(methodsOf(Logged).toSorted()).toEqual(methodsOf(Events).toSorted());
    expect(methodsOf(Events).length).toBeGreaterThan(0);
  });

  it('writes one line an event, and no two with the same words', () => {
    expect(written.map((each) => each.length)).toEqual(written.map(() => 1));
    const messages = written.map(([line]) => line?.msg);
    expect(new Set(messages).size).toBe(messages.length);
  });

  it('writes errors as such', () => {
    const failures = written.flat().filter(({ err }) => err !== undefined);
    expect(failures.length).toBe(
      written.flat().filter((line) => JSON.stringify(line).includes('some_code')).length,
    );
    for (const { err } of failures) expect(err).toMatchObject({ type: 'GatewayError', code: 'some_code' });
  });
});

function lines<Events>(calls: Calls<Events>, make: (log: Logger) => Events): Record<string, unknown>[][] {
  return Object.values<(events: Events) => void>(calls).map((call) => linesOf((log) => call(make(log))));
}

describe('the lines about a session', () => {
  it('name the user by id, and nothing of tokens or the session itself', () => {
    const written = JSON.stringify(lines(sessions, (log) => new LoggedSessions(log)));
    expect(written).toContain('"user":"anna"');
    expect(written).not.toContain(session.id);
    expect(written).not.toContain('Anna Schmidt');
    expect(written).not.toContain('access-1');
  });
});
