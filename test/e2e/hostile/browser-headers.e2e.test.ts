import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rawRequest } from '../../support/raw-http.js';
import { startStack, type Stack } from '../../support/stack.js';

/** Pages, data, redirects, errors of every origin: what the framework answers, the proxy, and bare bytes. */
const ANSWERS: readonly [line: string, headers?: Record<string, string>][] = [
  ['GET / HTTP/1.1'],
  ['GET /health/live HTTP/1.1'],
  ['GET /auth/login HTTP/1.1'],
  ['GET /auth/session HTTP/1.1'],
  ['GET /auth/callback?state=x HTTP/1.1'],
  ['GET /nowhere HTTP/1.1'],
  ['GET /% HTTP/1.1'],
  ['GET /api/workspace/v3/me HTTP/1.1'],
  ['GET /api/elsewhere HTTP/1.1'],
  ['POST / HTTP/1.1', { 'transfer-encoding': 'gzip, chunked' }],
  ['no request'],
  [
    'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1',
    { connection: 'Upgrade', upgrade: 'websocket', origin: 'http://evil.example' },
  ],
];

describe('what is the gateway’s own', () => {
  let [plain, secure]: Stack[] = [];
  beforeAll(async () => {
    [plain, secure] = await Promise.all([
      startStack(),
      startStack({ environment: { PUBLIC_URL: 'https://gateway.example' } }),
    ]);
  });
  afterAll(() => Promise.all([plain?.close(), secure?.close()]));

  it.each(ANSWERS)('is not framed, sniffed, embedded or referred from: %s', async (line, headers) => {
    const answer = await rawRequest(plain!.url, line, headers);
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(answer.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(answer.headers.get('content-security-policy')).not.toContain('unsafe');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('x-frame-options')).toBe('DENY');
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
    expect(answer.headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(answer.headers.get('cross-origin-resource-policy')).toBe('same-origin');
    expect(answer.headers.get('permissions-policy')).toContain('microphone=()');
    expect(answer.headers.get('server')).toBeNull();
    expect(answer.headers.get('x-powered-by')).toBeNull();
  });

  it('is for https alone where browsers come by https, and nowhere else', async () => {
    for (const path of ['/', '/auth/session', '/api/workspace/v3/me', '/nowhere']) {
      const line = `GET ${path} HTTP/1.1`;
      const [overHttps, overHttp] = [await rawRequest(secure!.url, line), await rawRequest(plain!.url, line)];
      expect(overHttps.headers.get('strict-transport-security')).toMatch(/^max-age=\d{8,}/);
      expect(overHttp.headers.get('strict-transport-security')).toBeNull();
    }
  });

  it('lets the console run nothing but its own files, also without `unsafe-inline`', async () => {
    const page = await rawRequest(plain!.url, 'GET / HTTP/1.1');
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(policy).toContain("base-uri 'none'");
    expect(policy).toContain(`connect-src 'self' ${plain!.url.replace('http', 'ws')}`);
    expect(page.text).not.toMatch(/<script(?![^>]* src=)|<style| style=| on\w+=/);
  });
});
