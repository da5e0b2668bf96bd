export { alone } from './alone.js';
export { NumberedBearers } from './numbered-bearers.js';
