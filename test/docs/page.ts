import { readFile } from 'node:fs/promises';

/** A page of the documentation, as far as tests look into it. */
export class Page {
  private constructor(readonly text: string) {}

  static async read(name: string): Promise<Page> {
    return new Page(await readFile(new URL(`../../docs/${name}`, import.meta.url), 'utf8'));
  }

  /** The fenced blocks of one language, in order, each with its last line break. */
  blocks(language: string): string[] {
    const fence = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gmsu');
    return [...this.text.matchAll(fence)].map(([, code = '']) => code);
  }

  /** What stands under a heading, up to the next one of whatever level. */
  section(heading: string): string {
    const lines = this.text.split('\n');
    const start = lines.findIndex((line) => line.replace(/^#+ /u, '') === heading && line !== heading);
    if (start < 0) throw new Error(`The page has no heading "${heading}"`);
    const rest = lines.slice(start + 1);
    const end = rest.findIndex((line) => /^#+ /u.test(line));
    return rest.slice(0, end < 0 ? undefined : end).join('\n');
  }

  /** The rows of the first table under a heading, without its head; cells as they are written. */
  table(heading: string): string[][] {
    const lines = this.section(heading)
      .split('\n')
      .filter((line) => line.startsWith('|'));
    const rows = lines.slice(2).map((line) => line.split(/(?<!\\)\|/u).slice(1, -1));
    return rows.map((cells) => cells.map((cell) => cell.trim().replaceAll('\\|', '|')));
  }
}

/** The texts in backticks. */
export function codes(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/gu)].map(([, code = '']) => code);
}
