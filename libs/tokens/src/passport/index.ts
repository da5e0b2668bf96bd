export { PassportCodeFlow, type PassportCodeFlowOptions } from './passport-code-flow.js';
