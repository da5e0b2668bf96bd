import { type Fanout } from '@gw/fanout';
import { type Metrics } from '@gw/telemetry/prometheus';
import { type HeldRequests } from '../../notifications/http/held-requests.js';
import { type NotificationsGateway } from '../../notifications/notifications.gateway.js';
import { type Readiness } from '../readiness.js';

export interface GaugeSources {
  readonly fanout: Fanout;
  readonly sockets: NotificationsGateway;
  readonly held: HeldRequests;
  readonly readiness: Readiness;
  readonly isStateReachable: () => boolean;
  readonly build: { readonly version: string; readonly instance: string };
}

/** What is looked at rather than counted. */
export function addGauges(metrics: Metrics, sources: GaugeSources): void {
  const { fanout, sockets, held, readiness, isStateReachable, build } = sources;
  metrics.gauge('build_info', 'Version and name of this instance', Object.keys(build), () => [[build, 1]]);
  metrics.gauge('ready', '1 while this instance wants work', [], () => [
    [{}, readiness.state === 'ready' ? 1 : 0],
  ]);
  metrics.gauge('state_reachable', '1 while the state that the instances share can be reached', [], () => [
    [{}, isStateReachable() ? 1 : 0],
  ]);
  metrics.gauge('clients', 'Sockets, event streams and long polls at this instance', ['kind'], () => [
    [{ kind: 'socket' }, sockets.count],
    [{ kind: 'stream' }, held.count('stream')],
    [{ kind: 'poll' }, held.count('poll')],
  ]);
  metrics.gauge('users', 'Users with clients, or CometD sessions, at this instance', [], () => [
    [{}, fanout.census().users],
  ]);
  metrics.gauge('cometd_sessions', 'CometD sessions that this instance runs', ['api', 'state'], () =>
    fanout.census().connections.map(({ api, state, count }) => [{ api, state }, count]),
  );
}
