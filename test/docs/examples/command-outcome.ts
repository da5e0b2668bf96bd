import { type Outcome } from '@gw/contract';
import { problemOf } from './problem.js';

const RETRIES = 5;

/** Gives a command, and resolves with how it went; a repeat after a broken connection is not a second command. */
export async function commandOutcome(path: string, data: unknown = {}): Promise<Outcome> {
  const key = crypto.randomUUID();
  for (let attempt = 0; ; attempt += 1) {
    const answer = await fetch(`/api/workspace/v3${path}`, {
      method: 'POST',
      headers: {
        'X-CSRF': '1',
        'Content-Type': 'application/json',
        Prefer: 'wait=20',
        'Idempotency-Key': `"${key}"`,
      },
      body: JSON.stringify({ data }),
    }).catch((broken: unknown) => {
      if (attempt === RETRIES) throw broken;
      return undefined;
    });
    const problem = answer && (await problemOf(answer));
    if (answer && !problem) return outcomeIn(answer);
    // Still under way: its answer can be had in a moment.
    if (problem && (problem.code !== 'idempotency_in_progress' || attempt === RETRIES)) throw problem;
    await new Promise((resolve) => setTimeout(resolve, 1_000 * 2 ** attempt));
  }
}

async function outcomeIn(answer: Response): Promise<Outcome> {
  if (!answer.ok) throw new Error(`The platform answered ${answer.status}`);
  const { status, outcome } = (await answer.json()) as { status: { code: number }; outcome?: Outcome };
  if (outcome) return outcome;
  // Done, or refused, without anything to wait for.
  return { state: status.code === 0 ? 'succeeded' : 'failed' };
}
