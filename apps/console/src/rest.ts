import { optionalText, z } from './schema.js';

export type Reply =
  | { ok: true; body: unknown }
  | { ok: false; message: string; code?: string | undefined; status?: number | undefined };

/** A little longer than the gateway's own deadline, so that its 504 arrives first. */
const DEADLINE_MS = 35_000;

/** Sends JSON to our own origin with the session cookie. Never throws: a failure is a reply that says why. */
export async function request(method: 'GET' | 'POST', path: string, body?: unknown): Promise<Reply> {
  try {
    const response = await fetch(path, {
      method,
      headers: headersFor(method, body),
      body: body === undefined ? null : JSON.stringify(body),
      cache: 'no-store',
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    return interpret(response.status, parseJson(await response.text()));
  } catch (error) {
    const late = error instanceof DOMException && error.name === 'TimeoutError';
    return {
      ok: false,
      message: late ? 'The gateway did not answer in time' : 'The gateway cannot be reached',
    };
  }
}

/** `X-CSRF` shows the gateway that a page of its own sent the request: no foreign form can set it. */
function headersFor(method: string, body: unknown): Record<string, string> {
  return {
    accept: 'application/json',
    ...(method === 'GET' ? {} : { 'x-csrf': '1' }),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** RFC 9457, as the gateway answers for itself. */
const problemSchema = z.object({
  code: z.string(),
  title: optionalText,
  detail: optionalText,
});
/** As the Engage APIs answer, also with HTTP 200. */
const envelopeSchema = z.object({
  status: z.object({ code: z.number(), message: optionalText }),
});
/** 0 done, 1 accepted, 2 done in part. */
const ENVELOPE_SUCCESS = [0, 1, 2];

/** What an answer means, whoever gave it: the gateway, the platform, or something between them. */
export function interpret(status: number, body: unknown): Reply {
  const succeeded = status >= 200 && status < 300;
  const envelope = envelopeSchema.safeParse(body).data?.status;
  if (envelope && !(succeeded && ENVELOPE_SUCCESS.includes(envelope.code))) {
    return { ok: false, status, message: `${envelope.message ?? 'Refused'} (code ${envelope.code})` };
  }
  if (succeeded) return { ok: true, body };
  const problem = problemSchema.safeParse(body).data;
  if (!problem) return { ok: false, status, message: `HTTP status ${status}` };
  const message = `${problem.detail ?? problem.title ?? 'Refused'} (${problem.code})`;
  return { ok: false, status, code: problem.code, message };
}
