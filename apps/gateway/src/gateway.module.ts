import { Fanout, type FanoutEvents } from '@gw/fanout';
import { Journal } from '@gw/journal';
import { Clock } from '@gw/kernel';
import { constructed } from '@gw/kernel/nest';
import { NativeAccess, NewestSocket } from '@gw/native';
import { type ProxyEvents } from '@gw/proxy';
import { Board, Instances } from '@gw/ownership';
import { Sessions } from '@gw/sessions';
import { Metrics } from '@gw/telemetry/prometheus';
import { Tokens } from '@gw/tokens';
import { type UpstreamEvents, type UpstreamHttp, UpstreamSessions } from '@gw/upstream';
import { type DynamicModule, Module, type OnApplicationBootstrap, type Provider } from '@nestjs/common';
import { AuthModule, type AuthPorts, CallerAuthentication, SessionCleanup } from './auth/index.js';
import { SessionBearers } from './bearers.js';
import { CometdSessions } from './cometd-sessions.js';
import { type CommandPorts, commandProviders } from './command-providers.js';
import { type Config } from './config.js';
import { HeldRequests } from './notifications/http/held-requests.js';
import { HttpNotifications } from './notifications/http/http-notifications.js';
import { NotificationsController } from './notifications/http/notifications.controller.js';
import { RateLimits } from './limits/index.js';
import { NotificationsGateway } from './notifications/notifications.gateway.js';
import { SocketAuthentication } from './notifications/socket-authentication.js';
import { SocketDoor } from './notifications/socket-door.js';
import { SocketEvents } from './notifications/socket-events.js';
import { SocketLimits } from './notifications/socket-limits.js';
import { AdminController } from './operation/admin/admin.controller.js';
import { AdminToken } from './operation/admin/admin-token.js';
import { Overview } from './operation/admin/overview.js';
import { UserReports } from './operation/admin/user-report.js';
import { DocsController } from './operation/docs/docs.controller.js';
import { HealthController } from './operation/health.controller.js';
import { MetricsController } from './operation/metrics/metrics.controller.js';
import { Readiness } from './operation/readiness.js';
import { type SharedState } from './shared-state.js';
import { UpstreamFarewell } from './upstream-farewell.js';

/** The adapters that a gateway is made with: where state lives, and who hears of what happens. */
export interface GatewayPorts extends AuthPorts, CommandPorts {
  readonly shared: SharedState;
  readonly upstreamHttp: UpstreamHttp;
  readonly upstreamEvents: UpstreamEvents;
  readonly fanoutEvents: FanoutEvents;
  readonly proxyEvents: ProxyEvents;
  readonly socketEvents: SocketEvents;
  readonly metrics: Metrics;
  readonly rateLimits: RateLimits;
}

/** Everything of one gateway instance that Nest holds together. */
@Module({})
export class GatewayModule implements OnApplicationBootstrap {
  constructor(
    private readonly cleanup: SessionCleanup,
    private readonly farewell: UpstreamFarewell,
    private readonly fanout: Fanout,
  ) {}

  static forRoot(config: Config, ports: GatewayPorts): DynamicModule {
    return {
      module: GatewayModule,
      imports: [AuthModule.forRoot(config, ports)],
      controllers: [
        HealthController,
        NotificationsController,
        MetricsController,
        AdminController,
        DocsController,
      ],
      providers: [
        readiness(ports),
        ...upstreamProviders(config, ports),
        ...commandProviders(config, ports),
        ...socketProviders(config, ports),
        HeldRequests,
        { provide: Metrics, useValue: ports.metrics },
        ...adminProviders(config, ports),
        constructed(
          HttpNotifications,
          Fanout,
          Sessions,
          SessionBearers,
          HeldRequests,
          Clock,
          SocketEvents,
          SocketLimits,
        ),
      ],
    };
  }

  onApplicationBootstrap(): void {
    this.cleanup.beforeSignOut(this.farewell.step);
    this.fanout.start();
  }
}

function readiness({ shared }: GatewayPorts): Provider {
  return { provide: Readiness, useValue: new Readiness(() => shared.isReachable()) };
}

function upstreamProviders({ upstream }: Config, ports: GatewayPorts): Provider[] {
  const { profile, upstreamHttp, upstreamEvents, shared, fanoutEvents } = ports;
  const { upstreamStates: states, locks } = shared;
  return [
    constructed(SessionBearers, Tokens),
    {
      provide: UpstreamSessions,
      useFactory: (bearers: SessionBearers, clock: Clock) =>
        new UpstreamSessions(profile, bearers, upstreamHttp, clock, upstreamEvents, upstream, {
          states,
          locks,
        }),
      inject: [SessionBearers, Clock],
    },
    {
      provide: Fanout,
      useFactory: (sessions: UpstreamSessions, clock: Clock) =>
        new Fanout(
          profile,
          shared,
          sessions,
          new CometdSessions(profile, clock, fanoutEvents),
          clock,
          fanoutEvents,
          {
            lingerMs: upstream.lingerMs,
            handsOver: shared.isShared,
          },
        ),
      inject: [UpstreamSessions, Clock],
    },
    {
      provide: UpstreamFarewell,
      useFactory: (sessions: Sessions, bearers: SessionBearers, fanout: Fanout, access: UpstreamSessions) =>
        new UpstreamFarewell(profile, sessions, bearers, fanout, access),
      inject: [Sessions, SessionBearers, Fanout, UpstreamSessions],
    },
  ];
}

function socketProviders({ sockets }: Config, ports: GatewayPorts): Provider[] {
  const { socketEvents, nativeEvents, shared, rateLimits, clock } = ports;
  const { admissionsPerSecond, bufferBytes } = sockets;
  return [
    NotificationsGateway,
    { provide: SocketDoor, useValue: new SocketDoor(admissionsPerSecond, clock) },
    { provide: SocketLimits, useValue: new SocketLimits(admissionsPerSecond, bufferBytes) },
    { provide: SocketEvents, useValue: socketEvents },
    { provide: RateLimits, useValue: rateLimits },
    {
      provide: NewestSocket,
      useFactory: (clock: Clock) => new NewestSocket(shared.deviceSockets, clock, nativeEvents),
      inject: [Clock],
    },
    constructed(SocketAuthentication, CallerAuthentication, NativeAccess, Fanout, RateLimits),
  ];
}

function adminProviders({ adminToken }: Config, { shared }: GatewayPorts): Provider[] {
  return [
    { provide: AdminToken, useValue: new AdminToken(adminToken) },
    { provide: Instances, useValue: shared.instances },
    { provide: Board, useValue: shared.board },
    { provide: Journal, useValue: shared.journal },
    constructed(UserReports, Sessions, Fanout, Board, Instances, Journal),
    constructed(Overview, Instances, Fanout, NotificationsGateway, HeldRequests, Readiness, Clock),
  ];
}
