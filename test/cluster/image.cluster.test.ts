import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from '@gw/kernel/testing';
import { type Simulator, startSimulator } from '@gw/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BackgroundProcess } from '../support/background-process.js';
import { freePort } from '../support/free-port.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const dockerfile = await readFile(join(ROOT, 'Dockerfile'), 'utf8');
/** The stage that runs the gateway; it is the last, and so the one that is built by default. */
const stage = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));

const execForm = (instruction: string): string[] => {
  const [, json = '[]'] = new RegExp(`${instruction} (\\[.*\\])$`, 'mu').exec(stage) ?? [];
  return JSON.parse(json) as string[];
};

describe('the image of the gateway', () => {
  let folder: string;
  let simulator: Simulator;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'image-'));
    simulator = await startSimulator();
    await copyFilesOfImage(folder);
  });
  afterAll(async () => {
    await simulator.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('holds all that the gateway needs, tells whether it is ready, and leaves on SIGTERM', async () => {
    const [node, ...main] = execForm('^CMD');
    const [, ...check] = execForm('HEALTHCHECK .*CMD');
    expect([node, main.length, check.length]).toEqual(['node', 1, 1]);
    const port = String(await freePort());
    const environment = { NODE_ENV: 'development', PORT: port, ENGAGE_AUTH_URL: simulator.url };
    const isHealthy = () =>
      spawnSync(process.execPath, check, { cwd: folder, env: { PORT: port } }).status === 0;

    expect(isHealthy()).toBe(false);
    const program = { command: process.execPath, parameters: main, environment, cwd: folder, folder };
    const gateway = new BackgroundProcess(program);
    try {
      await eventually(
        () => expect([isHealthy(), gateway.isRunning && gateway.output()]).toContain(true),
        30_000,
      );
      // The console is in it too.
      expect((await fetch(`http://127.0.0.1:${port}/`)).headers.get('content-type')).toContain('text/html');
      expect(await gateway.stop('SIGTERM')).toBe(0);
    } finally {
      await gateway.stop('SIGKILL');
    }
  });

  it('is built from the lockfile, runs as nobody special, and starts from one pinned base', () => {
    expect(stage).toMatch(/^USER node$/mu);
    const bases = [...dockerfile.matchAll(/^FROM (\S+)/gmu)].map(([, base = '']) => base);
    const stages = [...dockerfile.matchAll(/^FROM \S+ AS (\S+)$/gmu)].map(([, name = '']) => name);
    const [base, ...others] = [...new Set(bases.filter((name) => !stages.includes(name)))];
    expect(base).toMatch(/^node:\d+\.\d+\.\d+-bookworm-slim$/u);
    expect(others).toEqual([]);
    const installs = [...dockerfile.matchAll(/\bnpm (?:ci|install|i)\b[^&\n]*/gu)].map(([line]) =>
      line.trim(),
    );
    expect(installs.every((line) => line.startsWith('npm ci '))).toBe(true);
  });
});

/** What the last stage copies, with the production dependencies that `npm ci --omit=dev` would install there. */
async function copyFilesOfImage(folder: string): Promise<void> {
  const [, workspace = ''] =
    /AS gateway-files\nRUN npm ci .*--omit=dev --workspace (\S+)$/mu.exec(dockerfile) ?? [];
  const copies = [...stage.matchAll(/^COPY (?:--from=gateway-files \/srv\/engage\/)?(\S+) \S+$/gmu)];
  for (const [, source = ''] of copies) {
    if (source === 'node_modules') await copyDependencies(workspace, folder);
    else await copy(join(ROOT, source), join(folder, source));
  }
}

async function copyDependencies(workspace: string, folder: string): Promise<void> {
  const list = ['ls', '--all', '--omit=dev', '--parseable', '--long', '--workspace', workspace];
  const { stdout } = spawnSync('npm', list, { cwd: ROOT, encoding: 'utf8' });
  const packages = stdout.split('\n').map((line) => line.split(':'));
  for (const [path = '', id = ''] of packages) {
    const place = relative(ROOT, path);
    if (place.startsWith('node_modules/')) await copy(path, join(folder, place));
    else if (place !== '')
      await link(join(folder, place), join(folder, 'node_modules', id.replace(/(?!^)@.*$/u, '')));
  }
}

/** Without what `.dockerignore` or the build stage leave out; tests' own packages stay behind as well. */
async function copy(from: string, to: string): Promise<void> {
  const isLeftOut = (path: string) =>
    /^(?:libs|apps)\/[^/]+\/(?:src|node_modules)(?:\/|$)/u.test(relative(ROOT, path));
  await cp(from, to, { recursive: true, filter: (path) => !isLeftOut(path) });
}

async function link(target: string, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await symlink(target, path);
}
