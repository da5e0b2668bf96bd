export { constructed } from './constructed.js';
