import fc from 'fast-check';

const isSurrogate = (point: number): boolean => point >= 0xd8_00 && point <= 0xdf_ff;

/** Any characters of Unicode: the library's own way to them takes seconds to begin. */
export const anyText = fc
  .array(fc.integer({ min: 0, max: 0x10_ff_ff }).filter((point) => !isSurrogate(point)))
  .map((points) => String.fromCodePoint(...points));
