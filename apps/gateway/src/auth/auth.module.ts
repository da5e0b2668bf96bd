import { Clock } from '@gw/kernel';
import { constructed } from '@gw/kernel/nest';
import { NativeAccess, type NativeEvents } from '@gw/native';
import { Sessions, SessionsEvents, SessionStore } from '@gw/sessions';
import { AuthorizationServer, CodeFlow, LoginAttempts, Logins, Tokens, TokensEvents } from '@gw/tokens';
import { PassportCodeFlow } from '@gw/tokens/passport';
import {
  type DynamicModule,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type Provider,
} from '@nestjs/common';
import { type Config } from '../config.js';
import { AuthorizeController } from '../native/authorize.controller.js';
import { nativeProviders, type NativeState } from '../native/native-providers.js';
import { TokenController } from '../native/token.controller.js';
import { type SharedState } from '../shared-state.js';
import { AuthController } from './auth.controller.js';
import { CallerAuthentication } from './caller-authentication.js';
import { CsrfGuard } from './csrf.guard.js';
import { CsrfPolicy } from './csrf-policy.js';
import { SessionCleanup } from './session-cleanup.js';
import { SessionCookie } from './session-cookie.js';

/** Longer than the slowest redemption, for those who wait for another instance's. */
const REFRESH_MARGIN_MS = 5_000;

/** What of logins and sessions the instances share. */
type AuthState = Pick<
  SharedState,
  'sessionStore' | 'sessionFeed' | 'loginAttempts' | 'refreshPauses' | 'locks' | 'instances' | 'isShared'
> &
  NativeState;

export interface AuthPorts {
  readonly clock: Clock;
  readonly shared: AuthState;
  readonly authorizationServer: AuthorizationServer;
  readonly sessionsEvents: SessionsEvents;
  readonly tokensEvents: TokensEvents;
  readonly nativeEvents: NativeEvents;
}

export type AuthConfig = Pick<Config, 'origins' | 'sessions' | 'oauth' | 'upstream' | 'native'>;

/** Login, sessions and tokens. Others get `Sessions`, `Tokens`, `SessionCleanup` and the edges' helpers from here. */
@Module({})
export class AuthModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    private readonly sessions: Sessions,
    private readonly cleanup: SessionCleanup,
  ) {}

  static forRoot(config: AuthConfig, ports: AuthPorts): DynamicModule {
    const shared = [Clock, Sessions, Tokens, SessionCleanup, CsrfPolicy, CallerAuthentication, NativeAccess];
    return {
      module: AuthModule,
      controllers: [AuthController, AuthorizeController, TokenController],
      providers: [
        ...portProviders(ports),
        ...domainProviders(config, ports),
        ...nativeProviders(config, ports.shared, ports.nativeEvents),
        ...edgeProviders(config),
      ],
      exports: shared,
    };
  }

  onApplicationBootstrap(): void {
    this.sessions.start();
    this.cleanup.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.sessions.close();
    await this.cleanup.close();
  }
}

const portProviders = (ports: AuthPorts): Provider[] => [
  { provide: Clock, useValue: ports.clock },
  { provide: SessionStore, useValue: ports.shared.sessionStore },
  { provide: LoginAttempts, useValue: ports.shared.loginAttempts },
  { provide: AuthorizationServer, useValue: ports.authorizationServer },
  { provide: SessionsEvents, useValue: ports.sessionsEvents },
  { provide: TokensEvents, useValue: ports.tokensEvents },
];

function domainProviders(
  { sessions: limits, oauth, origins, upstream }: AuthConfig,
  { shared }: AuthPorts,
): Provider[] {
  const flow = { ...oauth, callbackUrl: `${origins.own}/auth/callback` };
  const logins = { publicOrigin: origins.own, allowedReturnOrigins: origins.allowedReturn };
  return [
    {
      provide: Sessions,
      useFactory: (store: SessionStore, clock: Clock, events: SessionsEvents) =>
        new Sessions(store, clock, limits, events, sharedSessions(shared)),
      inject: [SessionStore, Clock, SessionsEvents],
    },
    {
      provide: CodeFlow,
      useFactory: (attempts: LoginAttempts, server: AuthorizationServer) =>
        new PassportCodeFlow(flow, attempts, server),
      inject: [LoginAttempts, AuthorizationServer],
    },
    {
      provide: Logins,
      useFactory: (codeFlow: CodeFlow, sessions: Sessions, events: TokensEvents) =>
        new Logins(codeFlow, sessions, logins, events),
      inject: [CodeFlow, Sessions, TokensEvents],
    },
    {
      provide: Tokens,
      useFactory: (sessions: Sessions, server: AuthorizationServer, clock: Clock, events: TokensEvents) =>
        new Tokens(sessions, server, clock, events, sharedRefreshes(shared, upstream.timeoutMs)),
      inject: [Sessions, AuthorizationServer, Clock, TokensEvents],
    },
    constructed(SessionCleanup, Sessions, AuthorizationServer, Clock, TokensEvents),
  ];
}

/** Embedded state is read directly: a copy of what lies in this process would save nothing. */
const sharedSessions = ({ isShared, sessionFeed: feed, instances }: AuthState) =>
  isShared
    ? {
        feed,
        contactLostMs: () => instances.cutOffMs(),
        onRejoined: (listener: () => void) => instances.onRejoined(listener),
      }
    : undefined;

const sharedRefreshes = ({ isShared, locks, refreshPauses: pauses }: AuthState, timeoutMs: number) =>
  isShared ? { locks, pauses, waitMs: timeoutMs + REFRESH_MARGIN_MS } : undefined;

function edgeProviders({ origins }: AuthConfig): Provider[] {
  const cookie = new SessionCookie(origins.own);
  return [
    { provide: SessionCookie, useValue: cookie },
    { provide: CsrfPolicy, useValue: new CsrfPolicy(cookie.name, origins.allowed) },
    constructed(CallerAuthentication, Sessions, SessionCookie, NativeAccess),
    CsrfGuard,
  ];
}
