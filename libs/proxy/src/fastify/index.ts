export { proxy } from './proxy.js';
export { type ProxyClient, type ProxyOptions } from './proxy-options.js';
