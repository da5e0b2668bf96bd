export { alone } from './alone.js';
export { NumberedBearers } from './numbered-bearers.js';
export { upstreamStatesContract } from './upstream-states.contract.js';
