export { aSession } from './a-session.js';
export { sessionStoreContract, type SessionStoreHarness } from './session-store.contract.js';
