export { PathPolicy, type PathDecision, type PathRefusal } from './path-policy.js';
export { ProxyEvents } from './proxy-events.js';
export { requestHeaders, type HeaderFields } from './request-headers.js';
export { responseHeaders } from './response-headers.js';
