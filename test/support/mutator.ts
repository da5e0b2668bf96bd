/** What parsers stumble over: boundaries, escapes, names of objects, and numbers beyond what was meant. */
const PIECES = [
  ...[
    '',
    ' ',
    '\0',
    '\r\n',
    '\n',
    '\t',
    '"',
    "'",
    '\\',
    '/',
    '//',
    '..',
    '%00',
    '%2e%2e%2f',
    '%',
    ';',
    ':',
    ',',
    '=',
  ],
  ...[
    '{',
    '}',
    '[',
    ']',
    '[[[[[[[[',
    '{"a":',
    'null',
    'true',
    '-1',
    '0',
    '1e999',
    '99999999999999999999',
    'NaN',
    '0x7f',
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    'prototype',
    '\u00e9',
    '\u00ff',
    '\u00c0\u00ae',
    'x'.repeat(300),
    '*',
    '**',
  ],
];

const VALUES: readonly unknown[] = [
  ...[
    null,
    true,
    false,
    0,
    -1,
    1.5,
    1e308,
    Number.MAX_SAFE_INTEGER,
    '',
    ' ',
    '/',
    '/**',
    '__proto__',
    '\0',
    '\ud800',
  ],
  ...[
    [],
    {},
    [null],
    [[]],
    { length: -1 },
    { toString: 1 },
    { then: 1 },
    'x'.repeat(2_000),
    '💥',
    '2020-13-45',
    'false',
  ],
];

const MAX_CHANGES = 4;

/** Changes texts and values at random, but the same way for the same seed. */
export class Mutator {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** A whole number from 0 up to and without `limit`; mulberry32. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let bits = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return Math.floor((((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32) * limit);
  }

  oneOf<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }

  /** Any characters of one byte. */
  bytes(maxLength: number): string {
    return Array.from({ length: this.below(maxLength + 1) }, () => String.fromCharCode(this.below(256))).join(
      '',
    );
  }

  text(text: string): string {
    let changed = text;
    for (let change = this.below(MAX_CHANGES); change >= 0; change -= 1) changed = this.#changeText(changed);
    return changed;
  }

  /** Of JSON's kind; the value given is left as it is. */
  value(value: unknown): unknown {
    let changed = structuredClone(value);
    for (let change = this.below(MAX_CHANGES); change >= 0; change -= 1) changed = this.#changeValue(changed);
    return changed;
  }

  #changeText(text: string): string {
    const at = this.below(text.length + 1);
    const length = this.below(Math.min(40, text.length - at) + 1);
    const [before, piece, after] = [text.slice(0, at), text.slice(at, at + length), text.slice(at + length)];
    switch (this.below(7)) {
      case 0:
        return before + after;
      case 1:
        return before + piece.repeat(1 + this.below(20)) + after;
      case 2:
        return before + this.oneOf(PIECES) + piece + after;
      case 3:
        return before + this.oneOf(PIECES) + after;
      case 4:
        return before + this.bytes(8) + after;
      case 5:
        return before;
      default:
        return before + String.fromCharCode(this.below(256)) + piece.slice(1) + after;
    }
  }

  #changeValue(value: unknown): unknown {
    if (value === null || typeof value !== 'object' || this.below(12) === 0) return this.#leaf(value);
    if (Array.isArray(value)) return this.#changeList(value as readonly unknown[]);
    const entries: [string, unknown][] = Object.entries(value);
    if (entries.length === 0) return { [this.oneOf(PIECES)]: this.oneOf(VALUES) };
    const at = this.below(entries.length);
    const [name, member] = entries[at]!;
    const choice = this.below(8);
    if (choice === 0) entries.splice(at, 1);
    else if (choice === 1) entries.push([this.oneOf(PIECES), this.oneOf(VALUES)]);
    else entries[at] = [name, this.#changeValue(member)];
    return Object.fromEntries(entries);
  }

  #changeList(list: readonly unknown[]): unknown[] {
    const at = this.below(list.length + 1);
    const choice = this.below(6);
    if (choice === 0 || list.length === 0) return list.toSpliced(at, 0, this.oneOf(VALUES));
    if (choice === 1) return list.toSpliced(at, 1);
    if (choice === 2) return [...list, ...list];
    return list.map((item, index) => (index === at % list.length ? this.#changeValue(item) : item));
  }

  #leaf(value: unknown): unknown {
    return typeof value === 'string' && this.below(2) === 0 ? this.text(value) : this.oneOf(VALUES);
  }
}
