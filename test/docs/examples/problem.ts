/** The gateway's own refusal. Match on `code`; `message` is for people, and `requestId` is in the log. */
export class GatewayProblem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly requestId: string,
    detail: string,
  ) {
    super(detail);
  }
}

/** Undefined when the answer is not the gateway's own but passed through from the platform. */
export async function problemOf(answer: Response): Promise<GatewayProblem | undefined> {
  const type = answer.headers.get('content-type') ?? '';
  if (!type.startsWith('application/problem+json')) return undefined;
  const body = (await answer.json()) as { status: number; code: string; requestId: string; detail: string };
  return new GatewayProblem(body.status, body.code, body.requestId, body.detail);
}
