import { VERSION } from '../version.js';

/** Method, path, what it does, statuses. */
const ROUTES: readonly (readonly [
  method: string,
  path: string,
  summary: string,
  statuses: readonly number[],
])[] = [
  ['get', '/auth/login', 'Begins a login; return_to says where it leads', [302, 400]],
  ['get', '/auth/callback', 'Ends a login', [302, 403]],
  ['get', '/auth/session', 'Who is signed in, and until when', [200, 401]],
  ['post', '/auth/logout', 'Signs out', [204, 403]],
  ['get', '/auth/sessions', "The person's own sessions", [200, 401]],
  ['delete', '/auth/sessions/{id}', 'Ends one of them', [204, 401, 403, 404]],
  ['get', '/.well-known/oauth-authorization-server', 'Metadata for native apps, RFC 8414', [200]],
  ['get', '/oauth/authorize', "Begins a native app's login, RFC 6749 §4.1.1", [302, 400]],
  ['post', '/oauth/token', 'Code or refresh token for tokens, RFC 6749 §5', [200, 400, 429, 503]],
  ['post', '/oauth/revoke', 'Takes a token back, RFC 7009', [200, 400, 429, 503]],
  ['get', '/notifications', 'Long poll: after, wait, channels', [200, 400, 401, 403, 429, 503]],
  [
    'get',
    '/notifications/stream',
    'Event stream: after, channels, Last-Event-ID',
    [200, 400, 401, 403, 429, 503],
  ],
  ['get', '/health/live', 'The process lives', [200]],
  ['get', '/health/ready', 'The instance wants work', [200, 503]],
  ['get', '/metrics', 'Metrics for Prometheus', [200]],
  ['get', '/docs', 'These pages', [200]],
  ['get', '/docs/openapi.json', 'OpenAPI', [200]],
  ['get', '/docs/asyncapi.json', 'AsyncAPI of the events', [200]],
  ['get', '/admin/overview', 'The instances, and this one in figures', [200, 401, 404]],
  ['get', '/admin/users/{id}', 'What the cluster has of a person', [200, 401, 404]],
  ['delete', '/admin/users/{id}/sessions', 'Signs a person out everywhere', [204, 401, 404]],
];

const paths: Record<string, Record<string, object>> = {};
for (const [method, path, summary, statuses] of ROUTES) {
  const parameters = path.includes('{id}')
    ? [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }]
    : [];
  const responses = Object.fromEntries(
    statuses.map((status) => [String(status), { description: status < 400 ? 'done' : 'problem, RFC 9457' }]),
  );
  paths[path] = { ...paths[path], [method]: { summary, parameters, responses } };
}

/** OpenAPI 3.1 of the gateway's own routes; what is under `/api` is the platform's. */
export const openApi = { openapi: '3.1.0', info: { title: 'Engage gateway', version: VERSION }, paths };

const rows = ROUTES.map(
  ([method, path, summary]) => `<tr><td>${method.toUpperCase()}<td><code>${path}</code><td>${summary}</tr>`,
);

/** The same for people: needs no script, no style, and nothing from elsewhere. */
export const docsPage = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Engage gateway</title>
<h1>Engage gateway ${VERSION}</h1>
<p><a href="/docs/openapi.json">OpenAPI</a> · <a href="/docs/asyncapi.json">AsyncAPI of the events</a></p>
<table>${rows.join('\n')}</table></html>`;
