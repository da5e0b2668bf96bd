import { type CommandOutcome, type OutcomeSettings } from './outcome-settings.js';

const CALL = { channels: [], messageType: 'CallStateChanged', subject: '/call/id', state: '/call/state' };
const LINE = { channels: [], messageType: 'DnStateChanged' };
const INTERACTION = {
  channels: ['/workspace/v3/media/{mediatype}'],
  messageType: 'InteractionStateChanged',
  subject: '/interaction/id',
  parameter: 'id',
  state: '/interaction/state',
};

const OVER = ['Released', 'Completed'];

const calls: readonly CommandOutcome[] = [
  {
    ...CALL,
    paths: [
      '/voice/make-call',
      '/voice/calls/{id}/initiate-transfer',
      '/voice/calls/{id}/initiate-conference',
    ],
    opensIn: ['Dialing'],
    succeeded: ['Established'],
    failed: OVER,
  },
  {
    ...CALL,
    paths: ['/voice/calls/{id}/answer', '/voice/calls/{id}/retrieve'],
    parameter: 'id',
    succeeded: ['Established'],
    failed: OVER,
  },
  {
    ...CALL,
    paths: ['/voice/calls/{id}/hold'],
    parameter: 'id',
    succeeded: ['Held'],
    failed: OVER,
  },
  {
    ...CALL,
    paths: [
      '/voice/calls/{id}/release',
      '/voice/calls/{id}/clear',
      '/voice/calls/{id}/redirect',
      '/voice/calls/{id}/complete-transfer',
      '/voice/calls/{id}/single-step-transfer',
    ],
    parameter: 'id',
    succeeded: OVER,
    failed: [],
  },
  {
    ...CALL,
    paths: ['/voice/calls/{id}/complete'],
    parameter: 'id',
    succeeded: ['Completed'],
    failed: [],
  },
  {
    ...CALL,
    paths: [
      '/voice/calls/{id}/attach-user-data',
      '/voice/calls/{id}/update-user-data',
      '/voice/calls/{id}/delete-user-data-pair',
    ],
    parameter: 'id',
    state: '/notificationType',
    succeeded: ['AttachedDataChanged'],
    failed: [],
  },
  {
    ...CALL,
    paths: ['/voice/calls/{id}/start-recording', '/voice/calls/{id}/resume-recording'],
    parameter: 'id',
    state: '/call/recordingState',
    succeeded: ['Recording'],
    failed: [],
  },
  {
    ...CALL,
    paths: ['/voice/calls/{id}/pause-recording'],
    parameter: 'id',
    state: '/call/recordingState',
    succeeded: ['Paused'],
    failed: ['Stopped'],
  },
  {
    ...CALL,
    paths: ['/voice/calls/{id}/stop-recording'],
    parameter: 'id',
    state: '/call/recordingState',
    succeeded: ['Stopped'],
    failed: [],
  },
];

const line: readonly CommandOutcome[] = [
  { ...LINE, paths: ['/voice/ready'], state: '/dn/agentState', succeeded: ['Ready'], failed: ['LoggedOut'] },
  {
    ...LINE,
    paths: ['/voice/not-ready'],
    state: '/dn/agentState',
    succeeded: ['NotReady'],
    failed: ['LoggedOut'],
  },
  {
    ...LINE,
    paths: ['/voice/login'],
    state: '/dn/agentState',
    succeeded: ['LoggedIn', 'Ready', 'NotReady'],
    failed: [],
  },
  { ...LINE, paths: ['/voice/logout'], state: '/dn/agentState', succeeded: ['LoggedOut'], failed: [] },
  { ...LINE, paths: ['/voice/dnd-on'], state: '/dn/dnd', succeeded: [true], failed: [] },
  { ...LINE, paths: ['/voice/dnd-off'], state: '/dn/dnd', succeeded: [false], failed: [] },
  { ...LINE, paths: ['/voice/cancel-forward'], state: '/dn/forwardTo', succeeded: [null], failed: [] },
];

const media: readonly CommandOutcome[] = (
  [
    ['ready', 'Ready'],
    ['not-ready', 'NotReady'],
    ['logout', 'LoggedOut'],
  ] as const
).map(([command, state]) => ({
  paths: [`/media/{mediatype}/${command}`],
  channels: [],
  messageType: 'ChannelStateChanged',
  each: '/media/channels',
  subject: '/name',
  parameter: 'mediatype',
  state: '/state',
  succeeded: [state],
  failed: [],
}));

const interactions: readonly CommandOutcome[] = [
  {
    ...INTERACTION,
    paths: ['/media/{mediatype}/interactions/{id}/accept'],
    succeeded: ['Processing'],
    failed: ['Revoked', 'Canceled', 'Completed'],
  },
  {
    ...INTERACTION,
    paths: ['/media/{mediatype}/interactions/{id}/reject'],
    succeeded: ['Revoked', 'Canceled'],
    failed: ['Processing'],
  },
  {
    ...INTERACTION,
    paths: ['/media/{mediatype}/interactions/{id}/complete', '/media/{mediatype}/interactions/{id}/leave'],
    succeeded: ['Completed'],
    failed: [],
  },
];

/** Which events repeat the id is not known of production: states tell where they do not. */
export const workspaceOutcomes: OutcomeSettings = {
  operationId: { in: 'body', name: 'operationId' },
  repeatedAt: ['/operationId'],
  errorType: 'EventError',
  commands: [...calls, ...line, ...media, ...interactions],
};

/** The id is also the subscription's; every value that is pushed names its subscription. */
export const statisticsOutcomes: OutcomeSettings = {
  operationId: { in: 'body', name: 'operationId' },
  repeatedAt: ['/data/statistics/*/subscriptionId', '/statistics/*/subscriptionId'],
  commands: [],
};

/** The result is the only notification of a command, and carries the id inside. */
export const provisioningOutcomes: OutcomeSettings = {
  operationId: { in: 'query', name: '_aioId' },
  repeatedAt: ['/data/id'],
  commands: [],
};
