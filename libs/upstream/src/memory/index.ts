export { MemoryUpstreamStates } from './memory-upstream-states.js';
