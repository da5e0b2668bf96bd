import { problemOf } from './problem.js';

export interface CurrentSession {
  user: { id: string; userName: string; displayName: string };
  /** ISO 8601, like the others. */
  createdAt: string;
  /** The latest end, whatever happens. */
  expiresAt: string;
  /** The end if nothing more is done. */
  idleExpiresAt: string;
}

/** Who is signed in, and until when; undefined when nobody is. Does not count as activity. */
export async function currentSession(): Promise<CurrentSession | undefined> {
  const answer = await fetch('/auth/session');
  if (answer.status === 401) return undefined;
  const problem = await problemOf(answer);
  if (problem) throw problem;
  return (await answer.json()) as CurrentSession;
}

export async function signOut(): Promise<void> {
  const answer = await fetch('/auth/logout', { method: 'POST', headers: { 'X-CSRF': '1' } });
  const problem = await problemOf(answer);
  if (problem) throw problem;
}
