import { z } from 'zod';

const envelope = z.object({ status: z.object({ code: z.number() }) });

/** `status.code` of an Engage envelope. Spring error bodies have a number as `status`, proxies send HTML. */
export function statusCodeOf(body: string): number | undefined {
  const parsed = envelope.safeParse(parseJson(body));
  return parsed.success ? parsed.data.status.code : undefined;
}

/** What a JSON pointer (RFC 6901) finds in a body; undefined for nothing, and for what is no JSON. */
export function valueAt(body: string, pointer: string): unknown {
  let value = parseJson(body);
  for (const token of pointer.split('/').slice(1)) {
    value = memberOf(value, token.replaceAll('~1', '/').replaceAll('~0', '~'));
  }
  return value;
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
