import { Fanout, type FanoutEvents } from '@gw/fanout';
import { type Journal } from '@gw/journal';
import { Clock } from '@gw/kernel';
import { constructed } from '@gw/kernel/nest';
import { Sessions } from '@gw/sessions';
import { Tokens } from '@gw/tokens';
import { type UpstreamEvents, type UpstreamHttp, type UpstreamProfile, UpstreamSessions } from '@gw/upstream';
import { type DynamicModule, Module, type OnApplicationBootstrap, type Provider } from '@nestjs/common';
import { AuthModule, type AuthPorts, SessionCleanup, SessionCookie } from './auth/index.js';
import { SessionBearers } from './bearers.js';
import { CometdSessions } from './cometd-sessions.js';
import { type Config } from './config.js';
import { NotificationsGateway } from './notifications/notifications.gateway.js';
import { SocketAuthentication } from './notifications/socket-authentication.js';
import { SocketEvents } from './notifications/socket-events.js';
import { HealthController } from './operation/health.controller.js';
import { Readiness } from './operation/readiness.js';
import { UpstreamFarewell } from './upstream-farewell.js';

/** The adapters that a gateway is made with: where state lives, and who hears of what happens. */
export interface GatewayPorts extends AuthPorts {
  readonly profile: UpstreamProfile;
  readonly journal: Journal;
  readonly upstreamHttp: UpstreamHttp;
  readonly upstreamEvents: UpstreamEvents;
  readonly fanoutEvents: FanoutEvents;
  readonly socketEvents: SocketEvents;
}

/** Everything of one gateway instance that Nest holds together. */
@Module({})
export class GatewayModule implements OnApplicationBootstrap {
  constructor(
    private readonly cleanup: SessionCleanup,
    private readonly farewell: UpstreamFarewell,
  ) {}

  static forRoot(config: Config, ports: GatewayPorts): DynamicModule {
    return {
      module: GatewayModule,
      imports: [AuthModule.forRoot(config, ports)],
      controllers: [HealthController],
      providers: [Readiness, ...upstreamProviders(config, ports), ...socketProviders(ports)],
    };
  }

  onApplicationBootstrap(): void {
    this.cleanup.beforeSignOut(this.farewell.step);
  }
}

function upstreamProviders({ upstream }: Config, ports: GatewayPorts): Provider[] {
  const { profile, upstreamHttp, upstreamEvents, journal, fanoutEvents } = ports;
  return [
    constructed(SessionBearers, Tokens),
    {
      provide: UpstreamSessions,
      useFactory: (bearers: SessionBearers, clock: Clock) =>
        new UpstreamSessions(profile, bearers, upstreamHttp, clock, upstreamEvents, upstream),
      inject: [SessionBearers, Clock],
    },
    {
      provide: Fanout,
      useFactory: (sessions: UpstreamSessions, clock: Clock) =>
        new Fanout(
          profile,
          journal,
          sessions,
          new CometdSessions(profile, clock),
          clock,
          fanoutEvents,
          upstream,
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

function socketProviders({ socketEvents }: GatewayPorts): Provider[] {
  return [
    NotificationsGateway,
    { provide: SocketEvents, useValue: socketEvents },
    {
      provide: SocketAuthentication,
      useFactory: (sessions: Sessions, fanout: Fanout, cookie: SessionCookie) =>
        new SocketAuthentication(sessions, fanout, cookie.name),
      inject: [Sessions, Fanout, SessionCookie],
    },
  ];
}
