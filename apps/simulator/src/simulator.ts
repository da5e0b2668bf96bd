import { type FastifyInstance } from 'fastify';
import { Directory } from './agents.js';
import { Authentication } from './auth/authentication.js';
import { serveAuthentication } from './auth/routes.js';
import { SimulatorControl } from './control/control.js';
import { serveControl } from './control/routes.js';
import { Faults } from './control/faults.js';
import { Secrets } from './control/secrets.js';
import { Seen } from './control/seen.js';
import { requireApiKey } from './http/api-key.js';
import { httpServer } from './http/server.js';
import { withDefaults, type Settings, type SimulatorOptions } from './options.js';
import { type Platform } from './platform.js';
import { Provisioning } from './provisioning/provisioning.js';
import { serveProvisioning } from './provisioning/routes.js';
import { serveStatistics } from './statistics/routes.js';
import { Statistics } from './statistics/statistics.js';
import { Timers } from './timers.js';
import { serveWorkspace } from './workspace/routes.js';
import { Workspace } from './workspace/workspace.js';

export interface Simulator {
  /** Base of all APIs, for example `http://127.0.0.1:3001`. */
  readonly url: string;
  readonly control: SimulatorControl;
  /** Cuts every connection, also pending long polls. Idempotent. */
  readonly close: () => Promise<void>;
}

/** Starts a contact centre of its own on one port. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const settings = withDefaults(options);
  const platform = platformOf(settings);
  const workspace = new Workspace(platform);
  const statistics = new Statistics(platform, (user) => workspace.desks.of(user).voice.agentState);
  const provisioning = new Provisioning(platform);
  const control = new SimulatorControl(platform, workspace, statistics, provisioning);

  const app = await httpServer();
  requireApiKey(app, settings.apiKey);
  await serveAuthentication(app, platform.auth, platform);
  await serveWorkspace(app, workspace);
  await serveStatistics(app, statistics);
  await serveProvisioning(app, provisioning);
  if (settings.controlEnabled) await serveControl(app, control);
  const url = await app.listen({ host: settings.host, port: settings.port });

  const apis = [workspace, statistics, provisioning];
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => (closed ??= shutDown(app, platform.timers, apis));
  return { url, control, close };
}

function platformOf(settings: Settings): Platform {
  const directory = new Directory(settings.extraAgents);
  const secrets = new Secrets();
  const seen = new Seen();
  const auth = new Authentication(settings, directory, seen, secrets);
  return {
    settings,
    directory,
    secrets,
    seen,
    auth,
    faults: new Faults(),
    timers: new Timers(settings.clock),
  };
}

/** Connections first: a client must find its long poll cut, not answered as if all were well. */
async function shutDown(
  app: FastifyInstance,
  timers: Timers,
  apis: readonly { readonly notifications: { close(): void } }[],
): Promise<void> {
  timers.close();
  app.server.closeAllConnections();
  for (const { notifications } of apis) notifications.close();
  await app.close();
}
