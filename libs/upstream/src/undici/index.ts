export { asUpstreamError } from './as-upstream-error.js';
export { UndiciUpstreamHttp, type UndiciUpstreamHttpOptions } from './undici-upstream-http.js';
