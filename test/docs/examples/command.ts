import { problemOf } from './problem.js';

/** Gives the Workspace API a command; resolves when the platform has done or accepted it. */
export async function command(path: string, data: unknown = {}): Promise<void> {
  const answer = await fetch(`/api/workspace/v3${path}`, {
    method: 'POST',
    headers: { 'X-CSRF': '1', 'Content-Type': 'application/json' },
    body: JSON.stringify({ data }),
  });
  const problem = await problemOf(answer);
  if (problem) throw problem;
  if (!answer.ok) throw new Error(`The platform answered ${answer.status}`);
  const { status } = (await answer.json()) as { status: { code: number; message?: string } };
  // 0: done. 1: accepted; a notification will tell how it went.
  if (status.code > 1) throw new Error(status.message ?? `The platform answered with code ${status.code}`);
}
