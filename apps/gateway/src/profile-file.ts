import { readFile } from 'node:fs/promises';
import { engageProfile, parseProfile, type UpstreamProfile } from '@gw/upstream';
import { parse } from 'yaml';
import { ConfigError } from './config.js';

/** Reads the upstream profile from a YAML or JSON file; without a path, the built-in one of Engage. */
export async function readProfile(path: string | undefined): Promise<UpstreamProfile> {
  if (path === undefined) return engageProfile;
  const parsed = parseProfile(parseText(path, await readText(path)));
  if (parsed.kind === 'profile') return parsed.profile;
  throw wrongFile(path, parsed.problems.map((problem) => `\n    ${problem}`).join(''));
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw wrongFile(
      path,
      ` cannot be read (${error instanceof Error && 'code' in error ? String(error.code) : 'error'})`,
    );
  }
}

/** JSON is YAML. */
function parseText(path: string, text: string): unknown {
  try {
    return parse(text, { logLevel: 'error' });
  } catch (error) {
    throw wrongFile(path, ` is neither YAML nor JSON: ${error instanceof Error ? error.message : 'error'}`);
  }
}

function wrongFile(path: string, what: string): ConfigError {
  return new ConfigError([{ variable: 'UPSTREAMS_FILE', message: `${path}${what}` }]);
}
