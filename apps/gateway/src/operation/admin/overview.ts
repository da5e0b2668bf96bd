import { type Fanout } from '@gw/fanout';
import { type Clock } from '@gw/kernel';
import { type Instances } from '@gw/ownership';
import { type HeldRequests } from '../../notifications/http/held-requests.js';
import { type NotificationsGateway } from '../../notifications/notifications.gateway.js';
import { type Readiness } from '../readiness.js';
import { VERSION } from '../version.js';

/** The cluster as this instance sees it, and this instance in figures. */
export class Overview {
  readonly #startedAt: number;

  constructor(
    private readonly instances: Instances,
    private readonly fanout: Fanout,
    private readonly sockets: NotificationsGateway,
    private readonly held: HeldRequests,
    private readonly readiness: Readiness,
    clock: Clock,
  ) {
    this.#startedAt = clock.now();
  }

  show() {
    const { users, connections } = this.fanout.census();
    return {
      instance: this.instances.self,
      version: VERSION,
      startedAt: new Date(this.#startedAt).toISOString(),
      state: this.readiness.state,
      instances: this.instances.alive().toSorted(),
      users,
      clients: {
        sockets: this.sockets.count,
        streams: this.held.count('stream'),
        polls: this.held.count('poll'),
      },
      upstream: connections,
    };
  }
}
