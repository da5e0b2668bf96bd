/**
 * What a JSON pointer (RFC 6901) finds in `value`, with `*` for each element of a list: nothing, one value,
 * or several.
 */
export function valuesAt(value: unknown, pointer: string): unknown[] {
  let found = [value];
  for (const token of pointer.split('/').slice(1)) {
    const name = token.replaceAll('~1', '/').replaceAll('~0', '~');
    found = found.flatMap((each) => (name === '*' && isList(each) ? each : membersOf(each, name)));
  }
  return found;
}

function membersOf(value: unknown, name: string): unknown[] {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return [];
  return [(value as Record<string, unknown>)[name]];
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}
