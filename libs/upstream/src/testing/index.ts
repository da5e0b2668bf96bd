export { NumberedBearers } from './numbered-bearers.js';
