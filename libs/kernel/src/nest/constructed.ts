/** A class or an abstract class: what Nest uses as an injection token. */
type Token<T> = abstract new (...args: never[]) => T;

/**
 * A Nest provider for an undecorated domain class. The tokens are typed against its constructor, so a
 * wrong, missing or swapped one does not compile.
 */
export function constructed<Args extends readonly unknown[], Instance>(
  target: new (...args: Args) => Instance,
  ...tokens: { [Index in keyof Args]: Token<Args[Index]> }
): {
  provide: new (...args: Args) => Instance;
  useFactory: (...args: Args) => Instance;
  inject: Token<unknown>[];
} {
  return {
    provide: target,
    useFactory: (...args: Args) => new target(...args),
    inject: [...tokens] as Token<unknown>[],
  };
}
