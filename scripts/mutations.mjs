// Switches the measures of docs/threat-model.md off, one at a time, in a copy of the sources, and expects the test of
// each to fail. All of them, or those named: npm run test:mutations -- path-allowlist framing
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const DEADLINE_MS = 300_000;
const measures = JSON.parse(readFileSync('test/mutations/measures.json', 'utf8'));
const wanted = process.argv.slice(2);
const unknown = wanted.filter((id) => measures.every((measure) => measure.id !== id));
if (unknown.length > 0) {
  console.error(`There is no measure ${unknown.join(', ')}`);
  process.exit(1);
}

/** The sources and what was built of them; packages are linked, but for our own, which must be the copies. */
function copySources() {
  const folder = mkdtempSync(join(tmpdir(), 'mutations-'));
  const { stdout } = spawnSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    encoding: 'utf8',
  });
  for (const file of stdout.split('\n').filter((name) => name !== '' && existsSync(name))) copy(folder, file);
  for (const workspace of ['libs', 'apps'].flatMap((root) =>
    readdirSync(root).map((name) => `${root}/${name}`),
  )) {
    for (const part of ['dist', 'tsconfig.tsbuildinfo'])
      if (existsSync(join(workspace, part))) copy(folder, join(workspace, part));
    const packages = join(workspace, 'node_modules');
    if (existsSync(packages)) symlinkSync(resolve(packages), join(folder, packages));
  }
  mkdirSync(join(folder, 'node_modules'));
  for (const name of readdirSync('node_modules')) {
    if (name === '@gw')
      cpSync('node_modules/@gw', join(folder, 'node_modules/@gw'), {
        recursive: true,
        verbatimSymlinks: true,
      });
    else symlinkSync(resolve('node_modules', name), join(folder, 'node_modules', name));
  }
  return folder;
}

function copy(folder, path) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  cpSync(path, join(folder, path), { recursive: true });
}

function run(folder, parameters) {
  const options = { cwd: folder, encoding: 'utf8', timeout: DEADLINE_MS };
  const { status, stdout, stderr } = spawnSync(process.execPath, parameters, options);
  return { status, output: `${stdout}${stderr}` };
}

// A mutation may not suit the compiler, which emits all the same.
const build = (folder) => run(folder, ['node_modules/typescript/bin/tsc', '-b']);

/** The name as a pattern: what `it.each` fills in is anything. */
const patternOf = (name) => name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(/%[sj#]/g, '.*');

function test(folder, { project, test: file, name }) {
  return run(folder, [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--project',
    project,
    file,
    '-t',
    patternOf(name),
  ]);
}

/** How many tests failed; a run without any is none. */
const failedIn = (output) => Number(/Tests .*?(\d+) failed/.exec(plain(output))?.[1] ?? 0);
const passedIn = (output) => Number(/Tests .*?(\d+) passed/.exec(plain(output))?.[1] ?? 0);
// eslint-disable-next-line no-control-regex
const plain = (output) => output.replaceAll(/\u001b\[\d+m/g, '');

const folder = copySources();
let survived = 0;
try {
  for (const measure of measures.filter(({ id }) => wanted.length === 0 || wanted.includes(id))) {
    const path = join(folder, measure.file);
    const source = readFileSync(path, 'utf8');
    if (source.split(measure.search).length !== 2)
      throw new Error(`${measure.id}: its code is not there once`);
    writeFileSync(
      path,
      source.replace(measure.search, () => measure.replace),
    );
    if (measure.built) build(folder);
    const { output } = test(folder, measure);
    writeFileSync(path, source);
    if (measure.built) build(folder);
    const noticed = failedIn(output) > 0;
    if (!noticed) survived += 1;
    const figures = `${failedIn(output)} failed, ${passedIn(output)} passed`;
    console.log(`${noticed ? 'noticed ' : 'SURVIVED'}  ${measure.id}: ${figures}`);
    if (!noticed) console.log(output.split('\n').slice(-15).join('\n'));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(survived > 0 ? 1 : 0);
