import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { codes, Page } from './page.js';

interface Measure {
  readonly id: string;
  readonly file: string;
  readonly search: string;
  readonly replace: string;
  readonly test: string;
  readonly name: string;
}

const HEADINGS = [
  'From the network',
  'From a page of somebody else',
  'Around login and session',
  'From clients that are signed in',
  'From whoever finds the operator’s door',
  'From the platform',
];

const root = new URL('../../', import.meta.url);
const read = (path: string): Promise<string> => readFile(new URL(path, root), 'utf8');
const page = await Page.read('threat-model.md');
const measures = JSON.parse(await read('test/mutations/measures.json')) as Measure[];
const rows = HEADINGS.flatMap((heading) => page.table(heading));

describe('docs/threat-model.md', () => {
  it('lists every measure that can be switched off, and no other', () => {
    const listed = rows.map(([id = '']) => codes(id)[0]);
    expect(listed.toSorted()).toEqual(measures.map(({ id }) => id).toSorted());
  });

  it('gives each a threat, a measure, a standard, and the test that tries it', () => {
    for (const [id = '', threat = '', measure = '', standards = '', test = ''] of rows) {
      expect([threat, measure, standards].every((cell) => cell.length > 8)).toBe(true);
      expect(standards).toMatch(/RFC \d{4}|ASVS \d+\.\d+\.\d+|BBA §\d/);
      const own = measures.find((one) => one.id === codes(id)[0]);
      expect(test).toContain(`\`${own?.test}\`: ${own?.name.replaceAll('`', '')}`);
    }
  });

  it.each(measures)('names a test that there is, for code that there is: $id', async (measure) => {
    expect(await read(measure.test)).toContain(measure.name);
    expect((await read(measure.file)).split(measure.search)).toHaveLength(2);
    expect(measure.replace).not.toBe(measure.search);
  });

  it('names files that there are', async () => {
    for (const [file = ''] of page.table('Tests that know no single measure')) {
      expect((await read(codes(file)[0] ?? '')).length).toBeGreaterThan(0);
    }
  });
});
