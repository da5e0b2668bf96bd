export { accessHandlesContract } from './access-handles.contract.js';
