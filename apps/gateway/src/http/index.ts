export { httpAdapter, prepareRoutes } from './http-server.js';
export { ProblemFilter } from './problem.filter.js';
export { endWithProblem, rawProblemOf } from './raw-problem.js';
export { sendProblem } from './send-problem.js';
export { UpgradedConnections } from './upgraded-connections.js';
