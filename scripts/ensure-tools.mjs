import { spawnSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const INSTALL_DEADLINE_MS = 15 * 60_000;

let packageListsAreFresh = false;

/**
 * Makes sure that a program is on PATH, and installs its Debian package where that is allowed.
 *
 * @param {string} command the program, for example `redis-server`
 * @param {string} debianPackage the package that brings it; several names are separated by spaces
 * @returns {string} the program's path
 * @throws {Error} saying what to install and how, when it is missing and cannot be installed from here
 */
export function ensureTool(command, debianPackage) {
  const present = findOnPath(command);
  if (present) return present;
  const advice = `\`${command}\` is missing. Install it, for example: sudo apt-get install ${debianPackage}`;
  if (!canInstall()) throw new Error(advice);
  console.log(`Installing ${debianPackage} …`);
  install(debianPackage.split(' '), advice);
  const installed = findOnPath(command);
  if (!installed) throw new Error(`${debianPackage} was installed, but \`${command}\` is still not on PATH`);
  return installed;
}

function findOnPath(command) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  return folders.map((folder) => join(folder, command)).find(isProgram);
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

const canInstall = () => process.getuid?.() === 0 && findOnPath('apt-get') !== undefined;

function install(packages, advice) {
  if (!packageListsAreFresh) aptGet(['update', '-qq'], advice);
  packageListsAreFresh = true;
  aptGet(['install', '-y', '-qq', '--no-install-recommends', ...packages], advice);
}

function aptGet(parameters, advice) {
  const { status, error } = spawnSync('apt-get', parameters, {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: INSTALL_DEADLINE_MS,
  });
  if (status === 0) return;
  const why = error?.message ?? `exit code ${status}`;
  throw new Error(`apt-get ${parameters[0]} failed (${why}). ${advice}`);
}
