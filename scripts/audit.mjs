// Known vulnerabilities of what the gateway is built from and runs with. High ones fail; a registry that has no audit
// (offline, a mirror) cannot say, and that is said.
import { spawnSync } from 'node:child_process';

const DEADLINE_MS = 60_000;

const { stdout, error } = spawnSync('npm', ['audit', '--omit=dev', '--audit-level=high', '--json'], {
  encoding: 'utf8',
  timeout: DEADLINE_MS,
});

/** Undefined where there is no report. */
function vulnerabilitiesOf(text) {
  try {
    return JSON.parse(text).metadata?.vulnerabilities;
  } catch {
    return undefined;
  }
}

const found = vulnerabilitiesOf(stdout ?? '');
if (!found) {
  console.log(`audit: NOT DONE, the registry gave no report${error ? ` (${error.message})` : ''}`);
} else {
  const { low = 0, moderate = 0, high = 0, critical = 0 } = found;
  console.log(`audit: ${critical} critical, ${high} high, ${moderate} moderate, ${low} low`);
  if (critical + high > 0) {
    console.error('audit: see npm audit --omit=dev');
    process.exit(1);
  }
}
