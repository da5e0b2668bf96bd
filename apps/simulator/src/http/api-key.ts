import { type FastifyInstance } from 'fastify';
import { Refusal } from './refusal.js';

/** Pages that a browser visits: it cannot send the header. */
const BROWSER_PAGES = /^\/auth\/v3\/(oauth\/authorize|sign-in|sign-out|ping)(\?|$)/;

/** The cloud's API gateway in front of everything; not the envelope, because no API has seen the request. */
export function requireApiKey(app: FastifyInstance, apiKey: string | undefined): void {
  if (apiKey === undefined) return;
  app.addHook('onRequest', (request, _reply, next) => {
    const isExempt = BROWSER_PAGES.test(request.url) || request.url.startsWith('/control/');
    if (isExempt || request.headers['x-api-key'] === apiKey) next();
    else next(new Refusal(403, { message: 'Forbidden' }));
  });
}
