export { FakeAuthorizationServer } from './fake-authorization-server.js';
export { startHttpAuthorizationServer, type HttpAuthorizationServer } from './http-authorization-server.js';
export { loginAttemptsContract, type LoginAttemptsHarness } from './login-attempts.contract.js';
export { refreshPausesContract, type RefreshPausesHarness } from './refresh-pauses.contract.js';
