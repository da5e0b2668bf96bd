// Gateways, Redis and a load balancer under faults, for as long as wanted: `npm run test:soak -- --minutes 30 --seed 7`.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { ensureTool } from './ensure-tools.mjs';

ensureTool('redis-server', 'redis-server');
ensureTool('nginx', 'nginx-light');
mkdirSync('test-results', { recursive: true });

const run = (command, parameters) => spawnSync(command, parameters, { stdio: 'inherit' }).status ?? 1;
const built = run('npx', ['tsc', '-b']);
if (built !== 0) process.exit(built);
const program = ['--import', 'tsx', '--conditions=source', 'test/soak/main.ts'];
process.exit(run(process.execPath, [...program, ...process.argv.slice(2)]));
