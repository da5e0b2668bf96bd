import { type AddressInfo } from 'node:net';
import { Fanout } from '@gw/fanout';
import { type Journal } from '@gw/journal';
import { Idempotency } from '@gw/idempotency';
import { after, SystemClock } from '@gw/kernel';
import { Outcomes } from '@gw/outcomes';
import { proxy } from '@gw/proxy/fastify';
import { createLogger } from '@gw/telemetry/pino';
import { Metrics } from '@gw/telemetry/prometheus';
import { UndiciAuthorizationServer } from '@gw/tokens/undici';
import { type UpstreamProfile, UpstreamSessions } from '@gw/upstream';
import { UndiciUpstreamHttp } from '@gw/upstream/undici';
import { NestFactory } from '@nestjs/core';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type DestinationStream, type Logger } from 'pino';
import { CallerAuthentication, CsrfPolicy } from './auth/index.js';
import { type Config } from './config.js';
import { serveConsole } from './console/serve-console.js';
import { GatewayModule, type GatewayPorts } from './gateway.module.js';
import { httpAdapter, prepareRoutes, ProblemFilter, sendProblem, LastingConnections } from './http/index.js';
import { readForms } from './native/form-body.js';
import { addressLimits, ClientAddresses, RateLimits } from './limits/index.js';
import { HeldRequests } from './notifications/http/held-requests.js';
import { NotificationsGateway } from './notifications/notifications.gateway.js';
import { SocketAdapter } from './notifications/socket-adapter.js';
import { SocketDoor } from './notifications/socket-door.js';
import { listeners } from './operation/listeners.js';
import { countRequests } from './operation/metrics/count-requests.js';
import { addGauges } from './operation/metrics/gauges.js';
import { NestLogger } from './operation/nest-logger.js';
import { Readiness } from './operation/readiness.js';
import { VERSION } from './operation/version.js';
import { embeddedState, redisState, type SharedState } from './shared-state.js';
import { stopGateway } from './stop-gateway.js';

export interface Gateway {
  readonly port: number;
  /** Drains and stops; idempotent. */
  close(): Promise<void>;
}

/** What a test may put in the place of the real thing. */
export interface GatewayParts {
  readonly journal?: ((journal: Journal) => Journal) | undefined;
  readonly logDestination?: DestinationStream | undefined;
}

/** Starts one gateway instance. Without Redis it starts all the same, and is ready when Redis is there. */
export async function startGateway(
  config: Config,
  profile: UpstreamProfile,
  parts: GatewayParts = {},
): Promise<Gateway> {
  const log = createLogger({
    level: config.logLevel,
    instanceId: config.instanceId,
    pretty: config.mode === 'development',
    destination: parts.logDestination,
  });
  const { ports, closePorts } = openPorts(config, profile, log, parts);
  const app = await NestFactory.create<NestFastifyApplication>(
    GatewayModule.forRoot(config, ports),
    httpAdapter(log, config.instanceId, config.upstream.timeoutMs),
    { logger: new NestLogger(log), bodyParser: false, abortOnError: false },
  );
  addEdges(app, config, ports);
  const connections = new LastingConnections(app.getHttpServer());
  await join(ports.shared, log);
  await app.listen(config.listen.port, config.listen.host);
  app.get(Readiness).started();
  const { port } = app.getHttpServer().address() as AddressInfo;
  log.info({ port, mode: config.mode }, 'gateway is ready');

  let closed: Promise<void> | undefined;
  const { instances } = ports.shared;
  const { clock } = ports;
  const timeoutMs = config.drainTimeoutMs;
  const stop = () => stopGateway({ app, connections, instances, clock, log, timeoutMs });
  return { port, close: () => (closed ??= stop().finally(closePorts)) };
}

function openPorts(config: Config, profile: UpstreamProfile, log: Logger, parts: GatewayParts) {
  const clock = new SystemClock();
  const metrics = new Metrics();
  const { redisEvents, limitsEvents, ...events } = listeners(log, metrics, clock);
  const shared = config.redis
    ? redisState(config, config.redis, clock, redisEvents)
    : embeddedState(config, clock);
  const { oauth, upstream } = config;
  const authorizationServer = new UndiciAuthorizationServer(
    { ...oauth, apiKey: upstream.apiKey, timeoutMs: upstream.timeoutMs },
    clock,
  );
  const upstreamHttp = new UndiciUpstreamHttp();
  upstreamHttp.start();
  const ports: GatewayPorts = {
    clock,
    profile,
    authorizationServer,
    upstreamHttp,
    shared: { ...shared, journal: parts.journal?.(shared.journal) ?? shared.journal },
    ...events,
    metrics,
    rateLimits: new RateLimits(config.limits.rates, shared.rateLevels, clock, limitsEvents),
  };
  const closePorts = async () => {
    await Promise.all([upstreamHttp.close(), authorizationServer.close()]);
    await shared.close();
  };
  return { ports, closePorts };
}

async function join(shared: SharedState, log: Logger): Promise<void> {
  try {
    await shared.join();
  } catch (err) {
    log.warn({ err }, 'the shared state cannot be reached yet');
  }
}

/** A request under /api counts as use of its session. */
const TOUCH = { touch: true };

/** What is not Nest's own: the proxy's routes, the console, the socket server. */
function addEdges(app: NestFastifyApplication, config: Config, ports: GatewayPorts): void {
  const fastify = app.getHttpAdapter().getInstance();
  const callers = app.get(CallerAuthentication);
  const csrf = app.get(CsrfPolicy);
  app.useGlobalFilters(new ProblemFilter());
  prepareRoutes(fastify, config.origins);
  readForms(fastify);
  countRequests(fastify, ports.metrics, ports.profile);
  addGauges(ports.metrics, {
    fanout: app.get<Fanout>(Fanout),
    sockets: app.get(NotificationsGateway),
    held: app.get(HeldRequests),
    readiness: app.get(Readiness),
    isStateReachable: () => ports.shared.isReachable(),
    build: { version: VERSION, instance: config.instanceId },
  });
  const { rateLimits: limits } = ports;
  const addresses = new ClientAddresses(config.limits.trustedProxies);
  void fastify.register(addressLimits, { limits, addresses });
  void fastify.register(proxy, {
    profile: ports.profile,
    upstream: app.get<UpstreamSessions>(UpstreamSessions),
    authenticate: ({ headers }) =>
      after(
        callers.find(headers, TOUCH),
        (session) => session && { user: session.user.id, session: session.id },
      ),
    checkRate: ({ session }, reply) => limits.refusalOf('request', session, reply),
    checkCsrf: ({ method, headers }) => csrf.refusalOf(method, headers),
    sendProblem,
    outcomes: app.get<Outcomes>(Outcomes),
    idempotency: app.get<Idempotency>(Idempotency),
    timeoutMs: config.upstream.timeoutMs,
    maxRequestsPerUser: config.upstream.maxRequestsPerUser,
    clock: ports.clock,
    events: ports.proxyEvents,
  });
  if (config.consoleEnabled) serveConsole(fastify, config.origins.own);
  const { socketEvents: events } = ports;
  const door = app.get(SocketDoor);
  const sockets = { allowedOrigins: config.origins.allowed, door, events, limits, addresses };
  app.useWebSocketAdapter(new SocketAdapter(app, sockets));
}
