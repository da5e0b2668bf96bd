import * as z from 'zod/mini';

// zod compiles its checks with `new Function`, which the page's content security policy forbids.
// It decides that when a schema is made, so every schema takes its `z` from here.
z.config({ jitless: true });

/** Upstreams leave members out, or send `null`; neither may hide the rest of a message. */
export const optional = <Schema extends z.core.$ZodType>(schema: Schema) =>
  z.catch(z.optional(schema), undefined);
export const optionalText = optional(z.string());

export { z };
