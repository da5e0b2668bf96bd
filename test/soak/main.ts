import { writeFileSync } from 'node:fs';
import { describeVerdict } from '../support/checker/verdict-text.js';
import { describeFigures } from './figures.js';
import { readOptions, type SoakOptions, USAGE } from './options.js';
import { soak } from './soak.js';

const LOGS = 'test-results/soak-gateways.log';

function optionsOrUsage(): SoakOptions {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    return process.exit(1);
  }
}

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
  writeFileSync(LOGS, result.logs);
  console.log(`\nthe ends of the gateways' logs are in ${LOGS}`);
}
process.exit(isAsPromised ? 0 : 1);
