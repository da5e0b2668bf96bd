// Process: Fastify and reply-from with nothing else, as their documentation sets them up; no session.
import replyFrom from '@fastify/reply-from';
import fastify from 'fastify';
import { ready, serve } from '../measuring/serve.js';

const app = fastify();
await app.register(replyFrom, {
  base: process.env.UPSTREAM_URL ?? '',
  undici: { connections: 128, pipelining: 1 },
});
app.all('/api/*', (request, reply) => reply.from(request.url.slice('/api'.length)));
serve({});
ready(await app.listen({ host: '127.0.0.1', port: 0 }));
