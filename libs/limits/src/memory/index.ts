export { MemoryRateLevels } from './memory-rate-levels.js';
