import { accessSync, constants } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const DEFAULT_PATH = '/usr/bin/chromium';

/** A quiet browser: no GPU, no HTTP/3, nothing fetched that a test did not ask for. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Starts Debian's Chromium without a window; whoever starts it closes it.
 *
 * @throws {Error} saying what to install when there is no browser at `CHROMIUM_PATH` or its default
 */
export async function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: browserPath(), headless: true, args: FLAGS });
}

function browserPath(): string {
  const path = process.env.CHROMIUM_PATH ?? DEFAULT_PATH;
  try {
    accessSync(path, constants.X_OK);
    return path;
  } catch (cause) {
    const advice = 'Install it (apt-get install chromium fonts-dejavu-core) or set CHROMIUM_PATH.';
    throw new Error(`There is no browser at ${path}. ${advice}`, { cause });
  }
}
