import { FanoutEvents } from '@gw/fanout';
import { IdempotencyEvents } from '@gw/idempotency';
import { type ApiName, type UserId } from '@gw/kernel';
import { LimitsEvents } from '@gw/limits';
import { NativeEvents } from '@gw/native';
import { OutcomesEvents } from '@gw/outcomes';
import { ProxyEvents } from '@gw/proxy';
import { RedisEvents } from '@gw/redis';
import { type Session, type SessionEndReason, SessionsEvents } from '@gw/sessions';
import { TokensEvents } from '@gw/tokens';
import { UpstreamEvents } from '@gw/upstream';
import { type Metrics } from './metrics.js';

/** What happens in the gateway as figures: one method an event, one counter a method. */
export class CountedSessions extends SessionsEvents {
  constructor(private readonly metrics: Metrics) {
    super();
  }

  override created(): void {
    this.metrics.sessionsCreated.inc();
  }

  override ended(_session: Session, reason: SessionEndReason): void {
    this.metrics.sessionsEnded.inc({ reason });
  }

  override backgroundFailed(activity: string): void {
    this.metrics.backgroundFailures.inc({ activity });
  }
}

export class CountedTokens extends TokensEvents {
  constructor(private readonly metrics: Metrics) {
    super();
  }

  override refreshed(): void {
    this.metrics.refreshes.inc({ outcome: 'success' });
  }

  override refreshFailed(_user: UserId, reason: string): void {
    this.metrics.refreshes.inc({ outcome: reason });
  }

  override refreshThrew(): void {
    this.metrics.refreshes.inc({ outcome: 'error' });
  }

  override tokensUnsaved(): void {
    this.metrics.stateFailures.inc({ activity: 'token_write' });
  }

  override sessionLost(_user: UserId, reason: string): void {
    this.metrics.refreshes.inc({ outcome: reason });
  }

  override signedIn(): void {
    this.metrics.logins.inc({ outcome: 'success' });
  }

  override loginRefused(code: string): void {
    this.metrics.logins.inc({ outcome: code });
  }

  override signOutFailed(): void {
    this.metrics.backgroundFailures.inc({ activity: 'sign_out' });
  }
}

export class CountedNative extends NativeEvents {
  constructor(private readonly metrics: Metrics) {
    super();
  }

  override authorizationRefused(): void {
    this.metrics.nativeRequests.inc({ outcome: 'authorization_refused' });
  }

  override granted(): void {
    this.metrics.nativeRequests.inc({ outcome: 'granted' });
  }

  override refreshed(): void {
    this.metrics.nativeRequests.inc({ outcome: 'refreshed' });
  }

  override refused(): void {
    this.metrics.nativeRequests.inc({ outcome: 'refused' });
  }

  override reused(): void {
    this.metrics.nativeRequests.inc({ outcome: 'reused' });
  }

  override revoked(): void {
    this.metrics.nativeRequests.inc({ outcome: 'revoked' });
  }
}

export class CountedUpstream extends UpstreamEvents {
  constructor(private readonly metrics: Metrics) {
    super();
  }

  override initialised(_user: UserId, api: ApiName): void {
    this.metrics.sessionInits.inc({ api, outcome: 'success' });
  }

  override initRefused(_user: UserId, api: ApiName): void {
    this.metrics.sessionInits.inc({ api, outcome: 'refused' });
  }

  override recovered(_user: UserId, api: ApiName): void {
    this.metrics.recoveries.inc({ api, outcome: 'success' });
  }

  override recoveryGivenUp(_user: UserId, api: ApiName): void {
    this.metrics.recoveries.inc({ api, outcome: 'given_up' });
  }

  override stateFailed(): void {
    this.metrics.stateFailures.inc({ activity: 'upstream_state' });
  }

  override logoutFailed(): void {
    this.metrics.backgroundFailures.inc({ activity: 'upstream_logout' });
  }
}

export class CountedLimits extends LimitsEvents {
  constructor(private readonly metrics: Metrics) {
    super();
  }

  override rateExceeded(limit: string): void {
    this.metrics.rateRefusals.inc({ limit });
  }

  override levelsUnavailable(): void {
    this.metrics.stateFailures.inc({ activity: 'rate_levels' });
  }
}

export class CountedProxy extends ProxyEvents {
  constructor(private readonly metrics: Metrics) {
    super();
  }

  override circuitOpened(api: ApiName): void {
    this.metrics.circuitChanges.inc({ api, state: 'open' });
  }

  override circuitClosed(api: ApiName): void {
    this.metrics.circuitChanges.inc({ api, state: 'closed' });
  }

  override refusedByCircuit(): void {
    this.metrics.proxyRefusals.inc({ reason: 'circuit' });
  }

  override tooManyInFlight(): void {
    this.metrics.proxyRefusals.inc({ reason: 'in_flight' });
  }
}

export class CountedFanout extends FanoutEvents {
  constructor(private readonly metrics: Metrics) {
    super();
  }

  override handshake(api: ApiName): void {
    this.metrics.handshakes.inc({ api });
  }

  override connectFailed(_user: UserId, api: ApiName): void {
    this.metrics.connectFailures.inc({ api });
  }

  override journaled(_user: UserId, api: ApiName, count: number): void {
    this.metrics.journaled.inc({ api }, count);
  }

  override delivered(_user: UserId, count: number): void {
    this.metrics.delivered.inc(count);
  }

  override journalFailed(): void {
    this.metrics.stateFailures.inc({ activity: 'journal_write' });
  }

  override readFailed(): void {
    this.metrics.stateFailures.inc({ activity: 'journal_read' });
  }

  override ownershipLost(_user: UserId, api: ApiName): void {
    this.metrics.ownershipLosses.inc({ api });
  }

  override tookOver(_user: UserId, api: ApiName): void {
    this.metrics.takeovers.inc({ api });
  }

  override takeoverFailed(): void {
    this.metrics.stateFailures.inc({ activity: 'takeover' });
  }

  override releaseFailed(): void {
    this.metrics.stateFailures.inc({ activity: 'lease_release' });
  }

  override boardFailed(): void {
    this.metrics.stateFailures.inc({ activity: 'board' });
  }

  override gapReported(_user: UserId, api: ApiName, reason: string): void {
    this.metrics.gaps.inc({ api, reason });
  }
}

export class CountedRedis extends RedisEvents {
  constructor(private readonly metrics: Metrics) {
    super();
  }

  override disconnected(connection: string): void {
    this.metrics.redisDisconnects.inc({ connection });
  }
}

export class CountedOutcomes extends OutcomesEvents {
  constructor(private readonly metrics: Metrics) {
    super();
  }

  override settled(_user: UserId, api: ApiName, state: string): void {
    this.metrics.outcomes.inc({ api, state });
  }

  override listenFailed(): void {
    this.metrics.stateFailures.inc({ activity: 'outcome_listen' });
  }
}

export class CountedIdempotency extends IdempotencyEvents {
  constructor(private readonly metrics: Metrics) {
    super();
  }

  override repeated(): void {
    this.metrics.idempotentRequests.inc({ outcome: 'repeated' });
  }

  override refused(_user: UserId, code: string): void {
    this.metrics.idempotentRequests.inc({ outcome: code });
  }

  override notKept(): void {
    this.metrics.stateFailures.inc({ activity: 'idempotency_write' });
  }
}
