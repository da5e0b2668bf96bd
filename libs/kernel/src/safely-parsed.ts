/** As far as a zod schema matters here; the kernel does without zod. */
interface Schema<Result> {
  safeParse(value: unknown): Result;
}

/**
 * What a schema says to an untrusted value; undefined for one on which it fails itself: zod compares the `length`
 * also of what is neither text nor list, and `{"length":{"toString":1}}` cannot be compared.
 */
export function safelyParsed<Result>(schema: Schema<Result>, value: unknown): Result | undefined {
  try {
    return schema.safeParse(value);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
