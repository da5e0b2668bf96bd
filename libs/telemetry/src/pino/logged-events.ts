import { type ApiName, type GatewayError, type UserId } from '@gw/kernel';
import { type Outcome } from '@gw/contract';
import { FanoutEvents } from '@gw/fanout';
import { NativeEvents } from '@gw/native';
import { LimitsEvents } from '@gw/limits';
import { ProxyEvents } from '@gw/proxy';
import { IdempotencyEvents } from '@gw/idempotency';
import { type Doubt, OutcomesEvents } from '@gw/outcomes';
import { RedisEvents } from '@gw/redis';
import { type Session, type SessionEndReason, SessionsEvents } from '@gw/sessions';
import { TokensEvents } from '@gw/tokens';
import { UpstreamEvents } from '@gw/upstream';
import { type Logger } from 'pino';

/** Every line that the gateway logs about its work, by name: one method an event, one line a method. */
export class LoggedSessions extends SessionsEvents {
  constructor(private readonly log: Logger) {
    super();
  }

  override created({ user, device, client }: Session): void {
    this.log.info({ user: user.id, device, client }, 'session created');
  }

  override ended({ user }: Session, reason: SessionEndReason): void {
    this.log.info({ user: user.id, reason }, 'session ended');
  }

  override backgroundFailed(activity: string, err: unknown): void {
    this.log.error({ activity, err }, 'session work in the background failed');
  }
}

export class LoggedTokens extends TokensEvents {
  constructor(private readonly log: Logger) {
    super();
  }

  override refreshed(user: UserId): void {
    this.log.debug({ user }, 'token refreshed');
  }

  override refreshFailed(user: UserId, reason: string, retryAfterMs: number): void {
    this.log.warn({ user, reason, retryAfterMs }, 'token refresh failed');
  }

  override refreshThrew(user: UserId, err: unknown): void {
    this.log.error({ user, err }, 'token refresh threw');
  }

  override tokensUnsaved(user: UserId, err: unknown): void {
    this.log.error({ user, err }, 'new tokens could not be stored yet');
  }

  override sessionLost(user: UserId, reason: string): void {
    this.log.warn({ user, reason }, 'login cannot be continued upstream');
  }

  override signedIn(user: UserId): void {
    this.log.info({ user }, 'signed in');
  }

  override loginRefused(code: string): void {
    this.log.warn({ code }, 'login refused');
  }

  override signedOut(user: UserId): void {
    this.log.debug({ user }, 'signed out upstream');
  }

  override signOutFailed(user: UserId, err: unknown): void {
    this.log.warn({ user, err }, 'signing out upstream failed');
  }
}

export class LoggedNative extends NativeEvents {
  constructor(private readonly log: Logger) {
    super();
  }

  override authorizationRefused(code: string): void {
    this.log.warn({ code }, "an app's authorization request was refused");
  }

  override granted(user: UserId, client: string): void {
    this.log.info({ user, client }, 'app signed in');
  }

  override refreshed(user: UserId, client: string): void {
    this.log.debug({ user, client }, 'app refreshed its token');
  }

  override refused(code: string, description: string): void {
    this.log.warn({ code, description }, "an app's token request was refused");
  }

  override reused(what: string): void {
    this.log.warn({ what }, 'something that works once was shown again: its session was ended');
  }

  override revoked(user: UserId, client: string): void {
    this.log.info({ user, client }, 'app gave its token back');
  }

  override socketUnnumbered(user: UserId, err: unknown): void {
    this.log.warn({ user, err }, "an app's older socket may stay beside its new one");
  }
}

export class LoggedUpstream extends UpstreamEvents {
  constructor(private readonly log: Logger) {
    super();
  }

  override initialised(user: UserId, api: ApiName, generation: number): void {
    this.log.info({ user, api, generation }, 'upstream session made');
  }

  override initRefused(user: UserId, api: ApiName, status: number, code: number | undefined): void {
    this.log.warn({ user, api, status, code }, 'upstream refused to make a session');
  }

  override recovered(user: UserId, api: ApiName, status: number): void {
    this.log.info({ user, api, status }, 'upstream access recovered');
  }

  override recoveryGivenUp(user: UserId, api: ApiName, status: number): void {
    this.log.warn({ user, api, status }, 'upstream access not recovered');
  }

  override stateFailed(user: UserId, err: unknown): void {
    this.log.warn({ user, err }, 'the shared state of an upstream session could not be reached');
  }

  override logoutFailed(user: UserId, api: ApiName, err: GatewayError): void {
    this.log.warn({ user, api, err }, 'upstream logout failed');
  }
}

export class LoggedProxy extends ProxyEvents {
  constructor(private readonly log: Logger) {
    super();
  }

  override circuitOpened(api: ApiName): void {
    this.log.warn({ api }, 'upstream does not answer: its requests are refused until a probe is answered');
  }

  override circuitClosed(api: ApiName): void {
    this.log.info({ api }, 'upstream answers again');
  }

  override refusedByCircuit(api: ApiName): void {
    this.log.debug({ api }, 'request refused: its upstream does not answer');
  }

  override tooManyInFlight(user: UserId): void {
    this.log.debug({ user }, 'request refused: too many of the user are under way');
  }
}

export class LoggedFanout extends FanoutEvents {
  constructor(private readonly log: Logger) {
    super();
  }

  override upstreamChanged(user: UserId, api: ApiName, state: string, reason?: string): void {
    this.log.info({ user, api, state, reason }, 'upstream connection changed');
  }

  override connectFailed(user: UserId, api: ApiName, err: unknown): void {
    this.log.warn({ user, api, err }, 'connecting upstream failed');
  }

  override handshake(api: ApiName): void {
    this.log.debug({ api }, 'CometD handshake');
  }

  override delivered(user: UserId, count: number): void {
    this.log.trace({ user, count }, 'notifications given to a client');
  }

  override journaled(user: UserId, api: ApiName, count: number): void {
    this.log.trace({ user, api, count }, 'notifications journaled');
  }

  override journalFailed(user: UserId, api: ApiName, err: unknown): void {
    this.log.error({ user, api, err }, 'journal write failed');
  }

  override ownershipLost(user: UserId, api: ApiName): void {
    this.log.info({ user, api }, 'another instance owns the upstream connection now');
  }

  override tookOver(user: UserId, api: ApiName): void {
    this.log.info({ user, api }, 'upstream connection taken over');
  }

  override takeoverFailed(user: UserId | undefined, err: unknown): void {
    this.log.error({ user, err }, 'taking over from an instance that is gone failed');
  }

  override releaseFailed(user: UserId, api: ApiName, err: unknown): void {
    this.log.warn({ user, api, err }, 'the upstream connection could not be given back');
  }

  override boardFailed(user: UserId, err: unknown): void {
    this.log.warn({ user, err }, 'reaching the other instances failed');
  }

  override gapReported(user: UserId, api: ApiName, reason: string): void {
    this.log.info({ user, api, reason }, 'gap reported to a client');
  }

  override readFailed(user: UserId, err: unknown): void {
    this.log.error({ user, err }, 'journal read failed');
  }

  override clientAttached(user: UserId, recovered: boolean): void {
    this.log.debug({ user, recovered }, 'client attached');
  }

  override clientDetached(user: UserId): void {
    this.log.debug({ user }, 'client detached');
  }
}

export class LoggedLimits extends LimitsEvents {
  constructor(private readonly log: Logger) {
    super();
  }

  override rateExceeded(limit: string): void {
    this.log.debug({ limit }, 'refused: too many in too short a time');
  }

  override levelsUnavailable(limit: string, err: unknown): void {
    this.log.warn({ limit, err }, 'rate limits go by what this instance sees: the others cannot be asked');
  }
}

export class LoggedOutcomes extends OutcomesEvents {
  constructor(private readonly log: Logger) {
    super();
  }

  override settled(
    user: UserId,
    api: ApiName,
    state: Outcome['state'],
    waitedMs: number,
    doubt?: Doubt,
  ): void {
    this.log.debug({ user, api, state, waitedMs, doubt }, 'outcome of a command');
  }

  override listenFailed(user: UserId, api: ApiName, err: unknown): void {
    this.log.warn({ user, api, err }, 'the outcome of a command cannot be listened for');
  }
}

export class LoggedIdempotency extends IdempotencyEvents {
  constructor(private readonly log: Logger) {
    super();
  }

  override repeated(user: UserId): void {
    this.log.debug({ user }, 'first answer of an idempotency key given again');
  }

  override refused(user: UserId, code: string): void {
    this.log.info({ user, code }, 'request with an idempotency key refused');
  }

  override notKept(user: UserId, err: unknown): void {
    this.log.error({ user, err }, 'what became of a request with an idempotency key could not be kept');
  }
}

export class LoggedRedis extends RedisEvents {
  constructor(private readonly log: Logger) {
    super();
  }

  override connected(connection: string): void {
    this.log.info({ connection }, 'connected to Redis');
  }

  override disconnected(connection: string, err: unknown): void {
    this.log.warn({ connection, err }, 'connection to Redis lost');
  }
}
