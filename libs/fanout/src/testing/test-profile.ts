import { asApiName } from '@gw/kernel';
import { engageProfile, type UpstreamApi, type UpstreamProfile } from '@gw/upstream';

const settings = { browserCookie: 'BAYEUX_BROWSER', handshakesPerSecond: 1 };

/** Needs no initialisation: connected as soon as its Bayeux session is. */
const news: UpstreamApi = {
  name: asApiName('news'),
  basePath: '/news',
  refusedPaths: [],
  cometd: {
    ...settings,
    path: '/news/cometd',
    bearer: true,
    defaultChannels: ['/news/local'],
    allowedChannels: ['/news/**', '/service/**'],
    publishChannels: ['/service/votes/*'],
  },
};

/** Initialised by a call that takes effect at once; knows its users by cookie alone. */
const desk: UpstreamApi = {
  name: asApiName('desk'),
  basePath: '/desk',
  refusedPaths: [],
  sessionInit: { method: 'POST', path: '/desk/initialize', acceptedCodes: [0, 1] },
  cometd: {
    ...settings,
    path: '/desk/cometd',
    bearer: false,
    defaultChannels: ['/desk/*'],
    allowedChannels: ['/desk/**'],
    publishChannels: [],
  },
};

const archive: UpstreamApi = { name: asApiName('archive'), basePath: '/archive', refusedPaths: [] };

/** Beside Engage's `workspace`, which initialises in the background: `news`, `desk`, and one without CometD. */
export const testProfile: UpstreamProfile = {
  apis: [...engageProfile.apis.filter(({ name }) => name === 'workspace'), news, desk, archive],
};
