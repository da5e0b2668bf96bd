export { several } from './several.js';
