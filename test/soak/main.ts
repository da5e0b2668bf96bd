import { mkdirSync, writeFileSync } from 'node:fs';
import { describeVerdict } from '../support/checker/verdict-text.js';
import { describeFigures } from './figures.js';
import { readOptions, type SoakOptions, USAGE } from './options.js';
import { soak } from './soak.js';

const EVIDENCE = 'test-results/soak';

function optionsOrUsage(): SoakOptions {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    return process.exit(1);
  }
}

// Its processes end with it, also where it is interrupted.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const options = optionsOrUsage();
const result = await soak(options, (line) => console.log(line));
const { verdict, run, takeovers } = result;
// Beside other faults, nobody can say whether a session would have lived.
const needless = takeovers.filter(
  ({ needlessHandshakes }) => options.kills !== undefined && needlessHandshakes > 0,
);
const silent = takeovers.filter(({ silent: users }) => users.length > 0);
const isAsPromised =
  result.failure === undefined && verdict.breaches.length + needless.length + silent.length === 0;
console.log(`\n${describeVerdict(verdict, run)}\n\n${describeFigures(result, options)}`);
if (!isAsPromised) {
  mkdirSync(EVIDENCE, { recursive: true });
  for (const [name, log] of Object.entries(result.logs)) writeFileSync(`${EVIDENCE}/${name}.log`, log);
  writeFileSync(`${EVIDENCE}/histories.json`, JSON.stringify(result.histories, undefined, 1));
  console.log(`\nthe gateways' logs, and all histories with a breach, are in ${EVIDENCE}/`);
}
process.exit(isAsPromised ? 0 : 1);
