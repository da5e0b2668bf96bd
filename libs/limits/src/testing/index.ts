export { rateLevelsContract, type RateLevelsHarness } from './rate-levels.contract.js';
