// Process: what a typical team builds: Express, express-session in memory, http-proxy-middleware. It is given
// a keep-alive agent, which the middleware does not have by itself and which makes it markedly faster.
import { Agent } from 'node:http';
import { type AddressInfo } from 'node:net';
import express from 'express';
import session from 'express-session';
import { createProxyMiddleware } from 'http-proxy-middleware';
import { ready, serve } from '../measuring/serve.js';

declare module 'express-session' {
  interface SessionData {
    accessToken: string;
  }
}

const app = express();
app.use(session({ secret: 'bench', resave: false, saveUninitialized: false }));
app.post('/login', (request, response) => {
  request.session.accessToken = '5a1c9f30-0f3e-4a1f-a1c2-7e0b4e5d1a77';
  response.sendStatus(204);
});
app.use('/api', (request, response, next) => {
  if (request.session.accessToken) next();
  else response.sendStatus(401);
});
app.use(
  '/api',
  createProxyMiddleware<express.Request>({
    target: process.env.UPSTREAM_URL ?? '',
    agent: new Agent({ keepAlive: true, maxSockets: 128 }),
    on: {
      proxyReq: (upstream, request) => {
        upstream.setHeader('authorization', `Bearer ${request.session.accessToken ?? ''}`);
        upstream.removeHeader('cookie');
      },
    },
  }),
);
const server = app.listen(0, '127.0.0.1', () => {
  serve({});
  ready(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
