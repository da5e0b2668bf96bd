import { type Server } from 'node:http';
import { Fanout } from '@gw/fanout';
import { type Clock } from '@gw/kernel';
import { Outcomes } from '@gw/outcomes';
import { type Instances } from '@gw/ownership';
import { UpstreamSessions } from '@gw/upstream';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type Logger } from 'pino';
import { type LastingConnections } from './http/index.js';
import { type DrainPace } from './notifications/drain-sockets.js';
import { HeldRequests } from './notifications/http/held-requests.js';
import { NotificationsGateway } from './notifications/notifications.gateway.js';
import { SocketDoor } from './notifications/socket-door.js';
import { SocketLimits } from './notifications/socket-limits.js';
import { Readiness } from './operation/readiness.js';

export interface Stopping {
  readonly app: NestFastifyApplication;
  readonly connections: LastingConnections;
  readonly instances: Instances;
  readonly clock: Clock;
  readonly log: Logger;
  /** For all of it, in milliseconds. */
  readonly timeoutMs: number;
}

/** Load balancers ask every second or two whether we are ready; until they know, requests are served. */
const LISTEN_ON_MS = 3_000;

/** How long clients that ignore `drain` are left connected after their slot. */
const GRACE_MS = 2_000;

/** Kept back from the time for sockets: for requests that are under way, and to let go of everything. */
const FINISH_MS = 4_000;

/** How long close frames have to arrive. */
const FAREWELL_MS = 500;

/**
 * Of what the others admit in a second, the part that an instance which leaves sends them: people arrive
 * besides, and no two instances count alike.
 */
const SHARE_OF_ADMISSIONS = 0.5;

const LOOK_EVERY_MS = 50;

/**
 * Leaves in order: no new work; clients move to the other instances, one after the other, and their CometD
 * sessions with them; what is under way is finished. Resolves within `timeoutMs`, whatever anybody else does.
 */
export async function stopGateway(stopping: Stopping): Promise<void> {
  const { app, instances, clock, log, timeoutMs } = stopping;
  const startedAt = clock.now();
  const leftMs = () => Math.max(startedAt + timeoutMs - clock.now(), 0);
  log.info('gateway is draining');
  app.get(Readiness).drain();
  app.get(SocketDoor).close();
  const server: Server = app.getHttpServer();
  // Whoever keeps a connection for the next request is told with this answer to make it elsewhere.
  server.maxRequestsPerSocket = 1;
  await within(instances.announceLeave(), Math.min(timeoutMs / 8, 1_000), clock);
  const successors = instances.successors();
  app.get(Fanout).retire();
  const pace = paceOf(app.get(SocketLimits), successors, timeoutMs);
  const listenOnMs = successors > 0 ? Math.min(LISTEN_ON_MS, timeoutMs / 4) : 0;
  const drained = Promise.all([app.get(NotificationsGateway).drain(pace), pause(listenOnMs, clock)]);
  await within(drained, leftMs() - finishMs(timeoutMs), clock);

  const closing = close(stopping);
  closing.catch((err: unknown) => log.error({ err }, 'gateway could not be closed in order'));
  if (!(await within(closing, leftMs() - FAREWELL_MS, clock))) {
    log.warn('requests that were under way have been cut off: raise DRAIN_TIMEOUT_MS');
    server.closeAllConnections();
    await within(closing, leftMs(), clock);
  }
  log.info({ ms: clock.now() - startedAt }, 'gateway has stopped');
}

function paceOf({ admissionsPerSecond }: SocketLimits, successors: number, timeoutMs: number): DrainPace {
  const graceMs = Math.min(GRACE_MS, timeoutMs / 8);
  const perSecond = Math.max(successors, 1) * admissionsPerSecond * SHARE_OF_ADMISSIONS;
  const withinMs = timeoutMs - finishMs(timeoutMs) - graceMs;
  return { perSecond, withinMs, graceMs, waits: successors > 0 };
}

const finishMs = (timeoutMs: number) => Math.min(FINISH_MS, timeoutMs / 4);

/** The last clients, the CometD sessions that nobody has taken over yet, and then whatever needs them. */
async function close({ app, connections, clock }: Stopping): Promise<void> {
  const server: Server = app.getHttpServer();
  // Served until now: who asks again elsewhere could be led here as long as we listen.
  app.get(HeldRequests).drain();
  app.get<Outcomes>(Outcomes).close();
  await app.get(Fanout).close();
  const closed = app.close();
  await within(closed, FAREWELL_MS, clock);
  connections.destroyUpgraded();
  // Connections that become idle only now are kept open otherwise.
  while (!(await within(closed, LOOK_EVERY_MS, clock))) {
    connections.destroyUnused();
    server.closeIdleConnections();
  }
  await closed;
  await app.get<UpstreamSessions>(UpstreamSessions).close();
}

/** Whether it was done by then, or had failed. */
function within(work: Promise<unknown>, ms: number, clock: Clock): Promise<boolean> {
  return new Promise((resolve) => {
    const deadline = clock.schedule(() => resolve(false), Math.max(ms, 0));
    const settled = () => {
      deadline.cancel();
      resolve(true);
    };
    work.then(settled, settled);
  });
}

function pause(ms: number, clock: Clock): Promise<void> {
  return new Promise((resolve) => void clock.schedule(resolve, ms));
}
