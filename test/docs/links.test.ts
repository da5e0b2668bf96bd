import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Page } from './page.js';

const DOCS = new URL('../../docs/', import.meta.url);
const names = readdirSync(DOCS).filter((name) => name.endsWith('.md'));

/** As GitHub makes them. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w\- ]/gu, '')
    .replaceAll(' ', '-');

describe('the links of the documentation', () => {
  it.each(names)('in %s lead somewhere', async (name) => {
    const page = await Page.read(name);
    for (const [, link = ''] of page.text.matchAll(/\]\((?!https?:)([^)\s]+)\)/gu)) {
      const [path = '', anchor] = link.split('#');
      expect([link, existsSync(new URL(path || name, DOCS))]).toEqual([link, true]);
      if (anchor === undefined) continue;
      const target = await Page.read(path || name);
      const anchors = [...target.text.matchAll(/^#+ (.+)$/gmu)].map(([, heading = '']) => anchorOf(heading));
      expect(anchors).toContain(anchor);
    }
  });
});
