import { GatewayError } from '@gw/kernel';
import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ProblemFilter, sendProblem } from './index.js';

const errors: Record<string, Error> = {
  known: new GatewayError('session_not_found', 'not_found', 'You have no such session'),
  unavailable: new GatewayError('sessions_full', 'unavailable', 'Try again later'),
  unknown: new Error('token s3cret was refused'),
};

class EmptyModule {
  readonly routes = 0;
}

describe('an error of the gateway', () => {
  let app: NestFastifyApplication;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    app = await NestFactory.create<NestFastifyApplication>(
      { module: EmptyModule },
      new FastifyAdapter({ bodyLimit: 100 }),
    );
    app.useGlobalFilters(new ProblemFilter());
    const fastify = app.getHttpAdapter().getInstance();
    fastify.get<{ Params: { what: string } }>('/thrown/:what', async ({ params }) => {
      throw errors[params.what] ?? new Error('no such error');
    });
    fastify.get<{ Params: { what: string } }>('/sent/:what', ({ params }, reply) => {
      sendProblem(reply, errors[params.what]);
    });
    fastify.post('/echo', async () => 'echo');
    await app.init();
  });
  afterAll(() => app.close());

  const get = (url: string) => app.inject({ method: 'GET', url });

  it.each(['/thrown/known', '/sent/known'])(
    'is a problem with its code, thrown or sent (%s)',
    async (url) => {
      const response = await get(url);
      expect(response.statusCode).toBe(404);
      expect(response.headers['content-type']).toBe('application/problem+json; charset=utf-8');
      expect(response.headers['cache-control']).toBe('no-store');
      const requestId = response.headers['x-request-id'];
      expect(requestId).toBeTruthy();
      expect(response.json()).toEqual({
        type: 'about:blank',
        title: 'Not Found',
        status: 404,
        detail: 'You have no such session',
        code: 'session_not_found',
        requestId,
      });
    },
  );

  it.each(['/thrown/unknown', '/sent/unknown'])(
    'that nobody foresaw says nothing of its cause (%s)',
    async (url) => {
      const response = await get(url);
      expect(response.json()).toMatchObject({ status: 500, code: 'internal_error' });
      expect(response.body).not.toContain('s3cret');
    },
  );

  it('has the status of its kind', async () => {
    expect((await get('/thrown/unavailable')).json()).toMatchObject({ status: 503, code: 'sessions_full' });
  });

  it('is also what an unknown route answers', async () => {
    const response = await get('/nowhere?token=s3cret');
    expect(response.json()).toMatchObject({ status: 404, code: 'not_found', detail: 'Not Found.' });
    expect(response.headers['content-type']).toContain('application/problem+json');
    expect(response.body).not.toContain('s3cret');
  });

  it.each([
    ['{"a":', 'application/json', 400, 'bad_request'],
    [JSON.stringify('x'.repeat(200)), 'application/json', 413, 'payload_too_large'],
    ['x', 'text/x-unknown', 415, 'unsupported_media_type'],
  ])('is also what the framework finds wrong with a body (%#)', async (payload, type, status, code) => {
    const response = await app.inject({
      method: 'POST',
      url: '/echo',
      payload,
      headers: { 'content-type': type },
    });
    expect(response.json()).toMatchObject({ status, code });
  });
});
