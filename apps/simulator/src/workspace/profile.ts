import { emailOf, placeOf, type Agent } from '../agents.js';

/** The agent as Workspace describes a user. */
export function personOf(agent: Agent): object {
  return {
    dbid: agent.dbid,
    firstName: agent.firstName,
    lastName: agent.lastName,
    userName: emailOf(agent),
    employeeId: agent.name,
    agentLogin: agent.dn,
    defaultPlace: placeOf(agent),
    userProperties: [{ key: 'interaction-workspace', type: 'kvlist', value: [] }],
  };
}

/** The same for everybody: a small contact centre. */
export const configurationData = {
  actionCodes: [
    { name: 'Lunch', code: 'Lunch', type: 'NotReady', subCodes: [], userProperties: [] },
    { name: 'Training', code: 'Training', type: 'NotReady', subCodes: [], userProperties: [] },
  ],
  settings: [
    {
      key: 'interaction-workspace',
      type: 'kvlist',
      value: [{ key: 'agent.available', type: 'str', value: 'true' }],
    },
  ],
  businessAttributes: [
    {
      id: 101,
      name: 'DispositionCode',
      displayName: 'Disposition code',
      description: '',
      values: [
        { id: 1, name: 'Solved', displayName: 'Solved', description: '', default: true },
        { id: 2, name: 'CallBack', displayName: 'Call back', description: '', default: false },
      ],
    },
  ],
  transactions: [],
  agentGroups: [{ DBID: 201, name: 'Everybody', settings: {} }],
};
