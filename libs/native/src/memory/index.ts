export { MemoryAccessHandles } from './memory-access-handles.js';
