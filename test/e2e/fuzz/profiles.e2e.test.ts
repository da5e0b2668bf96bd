import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, readProfile } from '@gw/gateway';
import { engageProfile } from '@gw/upstream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { campaign, finding } from './campaign.js';

/** The message of a refusal names the file, and what is wrong with it: something for people. */
const MAX_MESSAGE = 20_000;

describe('random and mutated profile files', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'profiles-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const profiles = campaign('profiles');
  it(
    `are profiles, or refused with a reason (${profiles.runs})`,
    { timeout: profiles.timeoutMs },
    async () => {
      const { runs, mutator } = profiles;
      const path = join(folder, 'upstreams.yaml');
      const sound = JSON.stringify(engageProfile, null, 1);
      const findings: string[] = [];
      let refused = 0;
      for (let run = 0; run < runs; run += 1) {
        const text =
          mutator.below(2) === 0 ? mutator.text(sound) : JSON.stringify(mutator.value(engageProfile));
        await writeFile(path, text, 'latin1');
        try {
          const { apis } = await readProfile(path);
          if (apis.some(({ basePath }) => !/^\/[^?#;\\\s]+$/.test(basePath)))
            findings.push(finding('accepted', text));
        } catch (error) {
          refused += 1;
          const isClear = error instanceof ConfigError && error.message.length < MAX_MESSAGE;
          if (!isClear) findings.push(finding(String(error), text));
        }
      }
      expect(findings).toEqual([]);
      expect(refused).toBeGreaterThan(runs / 4);
      expect(refused).toBeLessThan(runs);
      expect(({} as Record<string, unknown>).isAdmin).toBeUndefined();
    },
  );
});
