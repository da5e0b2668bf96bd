export { addressLimits } from './address-limits.js';
export { ClientAddresses } from './client-addresses.js';
export { RateLimits } from './rate-limits.js';
