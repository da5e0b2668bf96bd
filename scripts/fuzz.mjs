// The fuzzing tests with another number of inputs, or from another seed: npm run test:fuzz -- --runs 100000 --seed 7
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '100000' }, seed: { type: 'string', default: '1' } },
});
for (const [name, value] of Object.entries(values)) {
  if (!/^\d{1,9}$/.test(value)) {
    console.error(`--${name} must be a whole number, not ${value}`);
    process.exit(1);
  }
}

const { status } = spawnSync(
  process.execPath,
  ['scripts/test.mjs', '--project', 'e2e', 'test/e2e/fuzz', '--no-file-parallelism'],
  { stdio: 'inherit', env: { ...process.env, FUZZ_RUNS: values.runs, FUZZ_SEED: values.seed } },
);
process.exit(status ?? 1);
