export { httpAdapter, prepareRoutes } from './http-server.js';
export { ProblemFilter } from './problem.filter.js';
export { endWithProblem, rawProblemOf } from './raw-problem.js';
export { sendProblem } from './send-problem.js';
export { LastingConnections } from './lasting-connections.js';
