export { startSimulator, type Simulator } from './simulator.js';
export { type SimulatorOptions, type OAuthClient } from './options.js';
export { demoAgents, TENANT, type Agent } from './agents.js';
export { type Api } from './apis.js';
export { type SimulatorControl, type InboundCall, type InboundChat } from './control/control.js';
export { type Fault, type FaultKind, type FaultPoint, type Faults } from './control/faults.js';
export { type ApiSeen, type UserSeen } from './control/seen.js';
