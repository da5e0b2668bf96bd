import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import { AnswerCounts } from './answer-counts.js';
import { Durations } from './durations.js';

const PREFIX = 'gateway_';

/** Upper bounds of proxied requests' durations, in seconds. */
const DURATIONS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** What a gauge says when it is asked: one value for each combination of labels. */
export type Reading = readonly (readonly [labels: Readonly<Record<string, string>>, value: number])[];

/**
 * All metrics of one gateway, by name. Labels have few values each: APIs of the profile, states, reasons,
 * classes of routes; never a user, an id or a path as a client wrote it.
 */
export class Metrics {
  readonly #registry = new Registry();

  readonly requests = this.#answers('http_requests_total', 'HTTP requests answered', 'route');
  readonly proxied = this.#answers('proxy_requests_total', 'Requests under /api answered', 'api');
  readonly proxyDurations = new Durations({
    name: `${PREFIX}proxy_request_duration_seconds`,
    help: 'From a request under /api to the end of its answer',
    label: 'api',
    boundsS: DURATIONS_S,
  });
  readonly proxyRefusals = this.#counter('proxy_refusals_total', 'Requests under /api refused here', [
    'reason',
  ]);
  readonly rateRefusals = this.#counter('rate_refusals_total', 'Refused by a rate limit', ['limit']);
  readonly circuitChanges = this.#counter('proxy_circuit_changes_total', 'Circuits opened and closed', [
    'api',
    'state',
  ]);
  readonly outcomes = this.#counter('outcomes_total', 'Commands whose client waited', ['api', 'state']);
  readonly idempotentRequests = this.#counter(
    'idempotent_requests_total',
    'Requests with an idempotency key that were not carried out again',
    ['outcome'],
  );
  readonly journaled = this.#counter('notifications_journaled_total', 'Notifications received and stored', [
    'api',
  ]);
  readonly delivered = this.#counter(
    'notifications_delivered_total',
    'Notifications given to attached clients',
    [],
  );
  readonly gaps = this.#counter('gaps_total', 'Gaps told to clients', ['api', 'reason']);
  readonly handshakes = this.#counter('cometd_handshakes_total', 'CometD handshakes begun', ['api']);
  readonly connectFailures = this.#counter(
    'cometd_connect_failures_total',
    'Ways to a CometD session that failed',
    ['api'],
  );
  readonly takeovers = this.#counter('takeovers_total', 'CometD sessions of other instances gone on with', [
    'api',
  ]);
  readonly ownershipLosses = this.#counter(
    'ownership_losses_total',
    'CometD sessions lost to other instances',
    ['api'],
  );
  readonly sessionInits = this.#counter('upstream_session_inits_total', 'Session-init calls', [
    'api',
    'outcome',
  ]);
  readonly recoveries = this.#counter('upstream_recoveries_total', 'Lost upstream access, after 401 or 403', [
    'api',
    'outcome',
  ]);
  readonly refreshes = this.#counter('token_refreshes_total', 'Refreshes of access tokens', ['outcome']);
  readonly logins = this.#counter('logins_total', 'Logins of browsers', ['outcome']);
  readonly nativeRequests = this.#counter('native_requests_total', 'What native apps asked of /oauth', [
    'outcome',
  ]);
  readonly sessionsCreated = this.#counter('sessions_created_total', 'Sessions begun here', []);
  readonly sessionsEnded = this.#counter('sessions_ended_total', 'Sessions whose end was found here', [
    'reason',
  ]);
  readonly slowConsumers = this.#counter(
    'slow_consumers_total',
    'Clients cut off for reading too slowly',
    [],
  );
  readonly floods = this.#counter('socket_floods_total', 'Sockets cut off for flooding', []);
  readonly socketsBusy = this.#counter(
    'sockets_busy_total',
    'Sockets told to come back later, by SOCKET_ADMISSIONS_PER_S',
    [],
  );
  readonly originsRefused = this.#counter('origins_refused_total', 'Sockets of foreign origins', []);
  readonly redisDisconnects = this.#counter('redis_disconnects_total', 'Connections to Redis lost', [
    'connection',
  ]);
  readonly stateFailures = this.#counter('state_failures_total', 'Failures of what the instances share', [
    'activity',
  ]);
  readonly backgroundFailures = this.#counter('background_failures_total', 'Failures that no caller sees', [
    'activity',
  ]);

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
  }

  /** A value that is asked for when somebody looks. */
  gauge(name: string, help: string, labelNames: readonly string[], read: () => Reading): void {
    new Gauge({
      name: PREFIX + name,
      help,
      labelNames: [...labelNames],
      registers: [this.#registry],
      collect() {
        this.reset();
        for (const [labels, value] of read()) this.set({ ...labels }, value);
      },
    });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** In the text format of Prometheus. */
  async text(): Promise<string> {
    return `${await this.#registry.metrics()}\n${this.proxyDurations.text()}`;
  }

  #answers(name: string, help: string, subject: string): AnswerCounts {
    return new AnswerCounts(PREFIX + name, help, subject, this.#registry);
  }

  #counter<Label extends string>(name: string, help: string, labelNames: readonly Label[]): Counter<Label> {
    return new Counter({ name: PREFIX + name, help, labelNames, registers: [this.#registry] });
  }
}
