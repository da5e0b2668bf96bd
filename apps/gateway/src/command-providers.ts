import { Fanout } from '@gw/fanout';
import { Idempotency, type IdempotencyEvents } from '@gw/idempotency';
import { Clock } from '@gw/kernel';
import { Outcomes, type OutcomesEvents, type OutcomesOptions, type SessionWatch } from '@gw/outcomes';
import { Sessions } from '@gw/sessions';
import { type UpstreamProfile } from '@gw/upstream';
import { type Provider } from '@nestjs/common';
import { type Config } from './config.js';
import { FanoutNotifications } from './fanout-notifications.js';
import { type SharedState } from './shared-state.js';

export interface CommandPorts {
  readonly profile: UpstreamProfile;
  readonly shared: Pick<SharedState, 'idempotencyKeys'>;
  readonly outcomesEvents: OutcomesEvents;
  readonly idempotencyEvents: IdempotencyEvents;
}

const WAITS: OutcomesOptions = { maxPerUser: 20, maxTotal: 5_000 };

/** Beside two upstream calls: the wait for the outcome, and for the connection that it comes over. */
const RUN_MARGIN_MS = 60_000;

/** What commands may ask for: their outcome (`Prefer: wait`), and to be made once (`Idempotency-Key`). */
export function commandProviders({ upstream }: Pick<Config, 'upstream'>, ports: CommandPorts): Provider[] {
  const { profile, shared, outcomesEvents, idempotencyEvents } = ports;
  return [
    {
      provide: Outcomes,
      useFactory: (fanout: Fanout, sessions: Sessions, clock: Clock) =>
        new Outcomes(
          profile,
          new FanoutNotifications(fanout),
          watchOf(sessions),
          clock,
          outcomesEvents,
          WAITS,
        ),
      inject: [Fanout, Sessions, Clock],
    },
    {
      provide: Idempotency,
      useFactory: (clock: Clock) =>
        new Idempotency(shared.idempotencyKeys, clock, idempotencyEvents, {
          runMs: 2 * upstream.timeoutMs + RUN_MARGIN_MS,
        }),
      inject: [Clock],
    },
  ];
}

function watchOf(sessions: Sessions): SessionWatch {
  return (session, ended) =>
    sessions.watch(session, ({ state }) => {
      if (state !== 'expiring') ended();
    });
}
