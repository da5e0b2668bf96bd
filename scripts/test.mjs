// The suite, or of it what `--project` and further parameters name. Installs what that needs from Debian where it may, and
// ends with one line to count by.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { ensureTool } from './ensure-tools.mjs';

const REPORT = 'test-results/vitest.json';

function run(command, parameters) {
  const { status, error } = spawnSync(command, parameters, { stdio: 'inherit' });
  if (error) throw error;
  return status ?? 1;
}

const chosen = process.argv.flatMap((word, index, all) => (all[index - 1] === '--project' ? [word] : []));
const runs = (project) => chosen.length === 0 || chosen.includes(project);

if (runs('unit') || runs('cluster')) {
  ensureTool('redis-server', 'redis-server');
  ensureTool('redis-cli', 'redis-tools');
}
if (runs('cluster')) {
  ensureTool('nginx', 'nginx-light');
  ensureTool('haproxy', 'haproxy');
}
if (runs('browser')) process.env.CHROMIUM_PATH ??= ensureTool('chromium', 'chromium fonts-dejavu-core');

const build = run('npm', ['run', '--silent', 'build']);
if (build !== 0) process.exit(build);

rmSync('test-results', { recursive: true, force: true });
mkdirSync('test-results', { recursive: true });
const status = run(process.execPath, [
  'node_modules/vitest/vitest.mjs',
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${REPORT}`,
  ...process.argv.slice(2),
]);

const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(REPORT, 'utf8'));
// A file that cannot be loaded fails the run without a failed test.
const failed = status !== 0 && numFailedTests === 0 ? 1 : numFailedTests;
const skipped = numPendingTests > 0 ? `, ${numPendingTests} skipped` : '';
console.log(`${numPassedTests} passed, ${failed} failed${skipped}`);
process.exit(failed > 0 ? 1 : status);
