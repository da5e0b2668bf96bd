import { asApiName } from '@gw/kernel';
import { provisioningOutcomes, statisticsOutcomes, workspaceOutcomes } from './engage-outcomes.js';
import { type UpstreamApi, type UpstreamProfile } from './profile.js';

const BROWSER_COOKIE = 'BAYEUX_BROWSER';

/**
 * Official clients send the cookie alone after initialisation. The bearer is sent too: it was accepted in
 * production, and with it a lost session can be initialised again.
 */
const workspace: UpstreamApi = {
  name: asApiName('workspace'),
  basePath: '/workspace/v3',
  refusedPaths: ['/security/**', '/oauth/**'],
  sessionInit: { method: 'POST', path: '/workspace/v3/initialize-workspace', acceptedCodes: [0, 1] },
  logout: { method: 'POST', path: '/workspace/v3/logout' },
  cometd: {
    path: '/workspace/v3/notifications',
    bearer: true,
    defaultChannels: [
      '/workspace/v3/initialization',
      '/workspace/v3/voice',
      '/workspace/v3/media',
      '/workspace/v3/media/chat',
    ],
    allowedChannels: ['/workspace/v3/**'],
    publishChannels: [],
    browserCookie: BROWSER_COOKIE,
    handshakesPerSecond: 100,
    readiness: {
      channel: '/workspace/v3/initialization',
      messageType: 'WorkspaceInitializationComplete',
      stateMember: 'state',
      complete: 'Complete',
      failed: 'Failed',
      probe: {
        path: '/workspace/v3/current-session',
        pointer: '/data/pending-login-async/state',
        complete: 'Complete',
        failed: 'Failed',
      },
      timeoutMs: 30_000,
    },
  },
  outcomes: workspaceOutcomes,
};

const statistics: UpstreamApi = {
  name: asApiName('statistics'),
  basePath: '/statistics/v3',
  refusedPaths: ['/oauth/**'],
  cometd: {
    path: '/statistics/v3/notifications',
    bearer: true,
    defaultChannels: ['/statistics/v3/service', '/statistics/v3/updates'],
    allowedChannels: ['/statistics/v3/**'],
    publishChannels: [],
    browserCookie: BROWSER_COOKIE,
    handshakesPerSecond: 100,
  },
  outcomes: statisticsOutcomes,
};

/** Its one channel has a name of the server's choosing, one segment long. */
const provisioning: UpstreamApi = {
  name: asApiName('provisioning'),
  basePath: '/provisioning/v3',
  refusedPaths: ['/oauth/**'],
  sessionInit: { method: 'POST', path: '/provisioning/v3/initialize-provisioning', acceptedCodes: [0, 1] },
  logout: { method: 'POST', path: '/provisioning/v3/logout' },
  cometd: {
    path: '/provisioning/v3/notifications',
    bearer: true,
    defaultChannels: ['/*'],
    allowedChannels: ['/**'],
    publishChannels: [],
    browserCookie: BROWSER_COOKIE,
    handshakesPerSecond: 100,
  },
  outcomes: provisioningOutcomes,
};

/** The built-in profile: Genesys Engage's Workspace, Statistics and Provisioning APIs, version 3. */
export const engageProfile: UpstreamProfile = { apis: [workspace, statistics, provisioning] };
