import { expect } from 'vitest';
import { type AgentAnswer } from './cookie-agent.js';

/** The answer is an error of the gateway's own, as the contract words them (RFC 9457). */
export function expectProblem(answer: AgentAnswer, status: number, code: string): void {
  expect(answer.text).toContain(`"code":"${code}"`);
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  const problem = answer.json() as Readonly<Record<string, unknown>>;
  expect(problem).toMatchObject({ type: 'about:blank', status, code });
  expect(problem.requestId).toBe(answer.headers.get('x-request-id'));
  expect(problem.requestId).toMatch(/^[\w-]+$/);
  expect(answer.headers.get('location')).toBeNull();
}
