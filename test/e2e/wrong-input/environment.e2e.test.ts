import { describe, expect, it } from 'vitest';
import { runGatewayProcess } from '../../support/gateway-process.js';

const WRONG = {
  PORT: '70000',
  NODE_ENV: 'staging',
  PUBLIC_URL: 'desk.example.com/path',
  ALLOWED_ORIGINS: 'https://a.example,*',
  ALLOWED_RETURN_ORIGINS: 'nowhere',
  REDIS_URL: 'http://redis',
  REDIS_PREFIX: 'two words',
  SESSION_KEYS: 'k1:c2hvcnQ=',
  ENGAGE_AUTH_URL: 'ftp://engage.example',
  ENGAGE_API_URL: 'https://user:secret-word@engage.example',
  OAUTH_AUTHORIZATION_URL: 'engage.example',
  OAUTH_TOKEN_URL: 'https://engage.example/?x=1',
  OAUTH_USERINFO_URL: '/userinfo',
  OAUTH_SIGNOUT_URL: 'javascript:0',
  SESSION_IDLE_TTL_S: '0',
  SESSION_MAX_TTL_S: '1.5',
  UPSTREAM_LINGER_MS: '-1',
  UPSTREAM_TIMEOUT_MS: 'soon',
  JOURNAL_MAX_LENGTH: '1e3',
  JOURNAL_TTL_S: '86401',
  NATIVE_CLIENTS: '{"client_id":"app"}',
  LOG_LEVEL: 'loud',
  CONSOLE_ENABLED: 'yes',
  INSTANCE_ID: 'one two',
};

describe('a gateway that is started with a wrong environment', () => {
  it('ends with exit code 1, and names every wrong variable in one message', async () => {
    const { exitCode, stdout, stderr } = await runGatewayProcess(WRONG);
    expect(exitCode).toBe(1);
    expect(stdout).toBe('');
    const [title, ...lines] = stderr.trimEnd().split('\n');
    expect(title).toBe('The environment is wrong:');
    expect(lines.map((line) => line.trim().split(' ')[0]).toSorted()).toEqual(Object.keys(WRONG).toSorted());
    for (const line of lines) expect(line).toMatch(/^ {2}[A-Z_]+ (?:must|is) \S+/);
  });

  it('quotes none of the values: they may be secrets', async () => {
    const { stderr } = await runGatewayProcess({
      ...WRONG,
      SESSION_KEYS: 'k1:not-a-key-but-a-secret',
      REDIS_URL: 'redis://:redis-password@redis/not-a-number',
    });
    for (const secret of ['not-a-key-but-a-secret', 'redis-password', 'secret-word']) {
      expect(stderr).not.toContain(secret);
    }
  });

  it('is told at once all that production wants', async () => {
    const { exitCode, stderr } = await runGatewayProcess({
      NODE_ENV: 'production',
      PUBLIC_URL: 'http://desk.example.com',
      LOG_LEVEL: 'loud',
    });
    expect(exitCode).toBe(1);
    for (const name of [
      'PUBLIC_URL',
      'SESSION_KEYS',
      'ENGAGE_AUTH_URL',
      'OAUTH_CLIENT_ID',
      'REDIS_URL',
      'LOG_LEVEL',
    ]) {
      expect(stderr).toMatch(new RegExp(`^ {2}${name} (?:must|is) `, 'm'));
    }
  });
});
