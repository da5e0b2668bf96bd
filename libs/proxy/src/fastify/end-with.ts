import { type FastifyReply } from 'fastify';
import { type Admission } from '../admissions.js';

/** The request counts as under way until its reply is over, however that ends. */
export function endWith({ raw }: FastifyReply, admission: Admission): void {
  if (raw.closed) admission.end();
  else raw.on('close', () => admission.end());
}
