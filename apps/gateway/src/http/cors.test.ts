import Fastify, { type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepareRoutes } from './index.js';

const OURS = 'https://desktop.example';
const OTHER = 'https://wallboard.example';

describe('an answer to a page', () => {
  let fastify: FastifyInstance;
  beforeAll(async () => {
    fastify = Fastify();
    prepareRoutes(fastify, { own: OURS, allowed: [OURS, OTHER] });
    fastify.get('/here', async () => 'here');
    fastify.route({ method: ['GET', 'OPTIONS'], url: '/api/*', handler: async () => 'upstream' });
    await fastify.ready();
  });
  afterAll(() => fastify.close());

  const corsOf = async (method: 'GET' | 'OPTIONS', url: string, headers: Record<string, string>) => {
    const { statusCode, body, headers: all } = await fastify.inject({ method, url, headers });
    const cors = Object.entries(all).filter(([name]) => name.startsWith('access-control-'));
    return { status: statusCode, body, vary: all.vary, cors: Object.fromEntries(cors) };
  };

  it.each([OURS, OTHER])('of %s may be read by it, with the cookie', async (origin) => {
    const { status, body, vary, cors } = await corsOf('GET', '/here', { origin });
    expect([status, body, vary]).toEqual([200, 'here', 'Origin']);
    expect(cors).toEqual({
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers':
        'x-request-id, retry-after, ratelimit, ratelimit-policy, preference-applied, idempotent-replayed',
    });
  });

  it.each([
    'https://evil.example',
    'null',
    `${OURS}.evil.example`,
    'https://DESKTOP.example',
    `${OURS}/`,
    '',
  ])('of another origin (%s) may not', async (origin) => {
    const { status, vary, cors } = await corsOf('GET', '/here', { origin });
    expect([status, vary, cors]).toEqual([200, 'Origin', {}]);
  });

  it('without an origin says nothing, and varies all the same', async () => {
    expect(await corsOf('GET', '/here', {})).toMatchObject({ status: 200, vary: 'Origin', cors: {} });
  });

  it.each(['/here', '/api/upstream', '/nowhere'])(
    'that asks first what it may send to %s is told',
    async (url) => {
      const { status, body, vary, cors } = await corsOf('OPTIONS', url, {
        origin: OURS,
        'access-control-request-method': 'PUT',
        'access-control-request-headers': 'x-csrf',
      });
      expect([status, body, vary]).toEqual([204, '', 'Origin, Access-Control-Request-Headers']);
      expect(cors).toMatchObject({
        'access-control-allow-origin': OURS,
        'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
        'access-control-allow-headers': 'x-csrf',
        'access-control-max-age': '600',
      });
    },
  );

  it('of another origin is not told that it may be the one', async () => {
    const asked = { origin: 'https://evil.example', 'access-control-request-method': 'PUT' };
    const { status, cors } = await corsOf('OPTIONS', '/here', asked);
    expect([status, cors['access-control-allow-origin']]).toEqual([204, undefined]);
  });

  it('that sends an OPTIONS of its own gets the upstream’s answer under /api, and none elsewhere', async () => {
    expect(await corsOf('OPTIONS', '/api/upstream', { origin: OURS })).toMatchObject({
      status: 200,
      body: 'upstream',
    });
    expect(await corsOf('OPTIONS', '/here', { origin: OURS })).toMatchObject({ status: 204, body: '' });
  });
});
