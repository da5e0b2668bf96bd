import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig } from './config.js';
import { DEFAULT_RATES } from './limits/rates.js';

const key = Buffer.alloc(32, 7).toString('base64');

const problemsOf = (environment: Record<string, string>): string[] => {
  try {
    readConfig(environment);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const { variable, message } of error.problems)
      expect(error.message).toContain(`${variable} ${message}`);
    return error.problems.map(({ variable }) => variable);
  }
};

describe('an empty environment', () => {
  it('is a development gateway in front of the simulator', () => {
    const { instanceId, sessions, oauth, ...config } = readConfig({});
    expect(config).toEqual({
      mode: 'development',
      logLevel: 'info',
      consoleEnabled: true,
      adminToken: undefined,
      listen: { host: '127.0.0.1', port: 3_000 },
      origins: { own: 'http://localhost:3000', allowed: ['http://localhost:3000'], allowedReturn: [] },
      upstream: {
        apiUrl: 'http://127.0.0.1:3001',
        apiKey: undefined,
        profileFile: undefined,
        timeoutMs: 30_000,
        maxRequestsPerUser: 100,
        lingerMs: 30_000,
      },
      limits: { rates: {}, trustedProxies: [] },
      journal: { maxLength: 1_000, ttlMs: 600_000 },
      native: { clients: [], accessTtlMs: 600_000 },
      sockets: { admissionsPerSecond: 200, bufferBytes: 262_144 },
      drainTimeoutMs: 25_000,
    });
    expect(instanceId).toMatch(/^[\w.-]+$/u);
    expect(sessions).toMatchObject({ idleTtlMs: 3_600_000, maxTtlMs: 43_200_000 });
    expect(Buffer.from(sessions.keys[0]!.key.reveal(), 'base64')).toHaveLength(32);
    expect(oauth).toMatchObject({
      clientId: 'engage-gateway',
      authorizationUrl: 'http://127.0.0.1:3001/auth/v3/oauth/authorize',
      tokenUrl: 'http://127.0.0.1:3001/auth/v3/oauth/token',
      userInfoUrl: 'http://127.0.0.1:3001/auth/v3/userinfo',
      signOutUrl: 'http://127.0.0.1:3001/auth/v3/sign-out',
    });
    expect(oauth.clientSecret?.reveal()).toBe('simulator-secret');
  });

  it('is the same as one whose variables are empty', () => {
    const fixed = { INSTANCE_ID: 'gw-1', SESSION_KEYS: `a:${key}` };
    const config = readConfig({ ...fixed, PORT: '', REDIS_URL: '', NODE_ENV: '' });
    const plain = readConfig(fixed);
    expect(config).toEqual(plain);
  });
});

describe('a variable', () => {
  it('that is given is used, in the units of the domain', () => {
    const config = readConfig({
      PORT: '8080',
      HOST: '::',
      PUBLIC_URL: 'https://desk.example.com/',
      ALLOWED_ORIGINS: 'https://a.example.com, https://b.example.com:8443',
      ALLOWED_RETURN_ORIGINS: 'https://crm.example.com',
      SESSION_KEYS: `new:${key},old:${key}`,
      ENGAGE_AUTH_URL: 'https://gauth.example.com/',
      ENGAGE_API_URL: 'https://gws.example.com/base/',
      ENGAGE_API_KEY: 'api-key',
      OAUTH_TOKEN_URL: 'https://elsewhere.example.com/token',
      UPSTREAMS_FILE: '/etc/upstreams.yaml',
      SESSION_IDLE_TTL_S: '60',
      SESSION_MAX_TTL_S: '120',
      UPSTREAM_LINGER_MS: '0',
      JOURNAL_TTL_S: '5',
      NATIVE_CLIENTS:
        '[{"client_id":"phone","redirect_uris":["com.example.app:/back","http://127.0.0.1/back"]}]',
      NATIVE_ACCESS_TTL_S: '300',
      ADMIN_TOKEN: 'sixteen-letters-x',
      LOG_LEVEL: 'debug',
      CONSOLE_ENABLED: 'false',
      INSTANCE_ID: 'gw-1',
    });
    expect(config).toMatchObject({
      instanceId: 'gw-1',
      logLevel: 'debug',
      consoleEnabled: false,
      listen: { host: '::', port: 8_080 },
      origins: {
        own: 'https://desk.example.com',
        allowed: ['https://desk.example.com', 'https://a.example.com', 'https://b.example.com:8443'],
        allowedReturn: ['https://crm.example.com'],
      },
      sessions: { idleTtlMs: 60_000, maxTtlMs: 120_000, keys: [{ id: 'new' }, { id: 'old' }] },
      oauth: {
        authorizationUrl: 'https://gauth.example.com/auth/v3/oauth/authorize',
        tokenUrl: 'https://elsewhere.example.com/token',
      },
      upstream: { apiUrl: 'https://gws.example.com/base', profileFile: '/etc/upstreams.yaml', lingerMs: 0 },
      journal: { ttlMs: 5_000 },
      native: {
        clients: [{ id: 'phone', redirectUris: ['com.example.app:/back', 'http://127.0.0.1/back'] }],
        accessTtlMs: 300_000,
      },
    });
    expect(JSON.stringify(config)).not.toMatch(/api-key|sixteen-letters|simulator-secret|BwcHBw/u);
  });

  it('names a public client when it has an id and no secret', () => {
    expect(readConfig({ OAUTH_CLIENT_ID: 'desk' }).oauth).toMatchObject({
      clientId: 'desk',
      clientSecret: undefined,
    });
  });

  it.each([
    ['PORT', ['http', '-1', '65536', '80.5', '0x50', '1e3', ' 80']],
    ['NODE_ENV', ['staging', 'Production']],
    [
      'PUBLIC_URL',
      ['desk.example.com', 'https://desk.example.com/path', 'ftp://desk', 'https://u@desk.example.com'],
    ],
    [
      'ALLOWED_ORIGINS',
      ['*', 'https://a.example.com,*', 'https://*.example.com/x', 'a.example.com', 'null', ','],
    ],
    ['ALLOWED_RETURN_ORIGINS', ['*', 'https://a.example.com/path']],
    [
      'REDIS_URL',
      ['redis', 'http://redis', 'redis://redis/db', 'redis+sentinel://redis', ',', 'redis://a,rediss://b'],
    ],
    ['REDIS_PREFIX', ['', 'a b', '{gw}', 'x'.repeat(65)].slice(1)],
    [
      'SESSION_KEYS',
      ['a', `:${key}`, `a:${key.slice(4)}`, 'a:%%%', `a:${key},a:${key}`, `a:${key}:b`, `a:${key},`],
    ],
    [
      'ENGAGE_AUTH_URL',
      ['gauth', 'file:///etc', 'https://u:p@gauth.example.com', 'https://gauth/?a=b', 'http://'],
    ],
    ['ENGAGE_API_URL', ['gws']],
    ['OAUTH_AUTHORIZATION_URL', ['gauth']],
    ['SESSION_IDLE_TTL_S', ['0', '1.5', 'ten', '99999999999']],
    ['SESSION_MAX_TTL_S', ['0', '1h']],
    ['UPSTREAM_TIMEOUT_MS', ['0', '-5']],
    ['JOURNAL_MAX_LENGTH', ['0', '1000001']],
    ['JOURNAL_TTL_S', ['0', 'NaN']],
    [
      'NATIVE_CLIENTS',
      [
        'phone',
        '{}',
        '[{"client_id":"phone"}]',
        '[{"client_id":"phone","redirect_uris":[]}]',
        '[{"client_id":"phone","redirect_uris":["http://evil.example/"]}]',
        '[{"client_id":"phone","redirect_uris":["javascript:alert(1)"]}]',
        '[{"client_id":"phone","redirect_uris":["https://a.example/#x"]}]',
      ],
    ],
    ['LOG_LEVEL', ['verbose', 'INFO']],
    ['CONSOLE_ENABLED', ['yes', '1']],
    ['INSTANCE_ID', ['a b', 'x'.repeat(65)]],
  ])('%s that is wrong is named', (variable, values) => {
    for (const value of values) {
      expect(problemsOf({ [variable]: value }), value).toEqual([variable]);
    }
  });

  it('is named together with every other wrong one, in one message', () => {
    const wrong = { PORT: 'x', LOG_LEVEL: 'y', SESSION_KEYS: 'z', ALLOWED_ORIGINS: '*', NATIVE_CLIENTS: '?' };
    expect(problemsOf(wrong).toSorted()).toEqual(Object.keys(wrong).toSorted());
  });

  it('is never quoted in the message', () => {
    const wrong = {
      SESSION_KEYS: 'hunter2',
      ENGAGE_AUTH_URL: 'https://u:hunter2@a',
      REDIS_URL: 'redis://:hunter2@redis/x',
    };
    expect(() => readConfig(wrong)).toThrow(ConfigError);
    expect(() => readConfig(wrong)).not.toThrow(/hunter2/u);
  });
});

const PRODUCTION = {
  NODE_ENV: 'production',
  PUBLIC_URL: 'https://desk.example.com',
  SESSION_KEYS: `a:${key}`,
  REDIS_URL: 'rediss://redis.example.com',
  ENGAGE_AUTH_URL: 'https://gauth.example.com',
  OAUTH_CLIENT_ID: 'desk',
};

describe('production', () => {
  it('needs its secrets, its URLs and Redis, and says so of all at once, beside what is wrong', () => {
    expect(problemsOf({ NODE_ENV: 'production', PORT: 'x' }).toSorted()).toEqual(
      ['ENGAGE_AUTH_URL', 'OAUTH_CLIENT_ID', 'PORT', 'PUBLIC_URL', 'REDIS_URL', 'SESSION_KEYS'].toSorted(),
    );
  });

  it('takes https only', () => {
    const plain = { ENGAGE_API_URL: 'http://gws.example.com', PUBLIC_URL: 'http://desk.example.com' };
    expect(problemsOf({ ...PRODUCTION, ...plain }).toSorted()).toEqual(['ENGAGE_API_URL', 'PUBLIC_URL']);
  });

  it('starts with all of it', () => {
    const { mode, redis } = readConfig(PRODUCTION);
    expect(mode).toBe('production');
    expect(redis).toMatchObject({ prefix: 'gw', target: { kind: 'standalone', tls: true } });
  });
});

describe('the limits', () => {
  const ratesOf = (environment: Readonly<Record<string, string>>) => readConfig(environment).limits.rates;

  it('are on in production and off in development, unless somebody says otherwise', () => {
    expect(ratesOf(PRODUCTION)).toEqual(DEFAULT_RATES);
    expect(ratesOf({ ...PRODUCTION, RATE_LIMITS: 'off' })).toEqual({});
    expect(ratesOf({})).toEqual({});
    expect(ratesOf({ RATE_LIMITS: 'on' })).toEqual(DEFAULT_RATES);
  });

  it('may differ one by one', () => {
    const login = { quota: 10, windowMs: 30_000 };
    expect(ratesOf({ RATE_LIMITS: 'login=10/30, message=off' })).toEqual({
      ...DEFAULT_RATES,
      login,
      message: undefined,
    });
  });

  it.each([
    '',
    ',',
    'login',
    'login=',
    'login=0/60',
    'login=5',
    'login=5/0',
    'nobody=5/60',
    'login=-1/60',
    'yes',
  ])('are not "%s"', (text) => {
    if (text === '') expect(ratesOf({ RATE_LIMITS: text })).toEqual({});
    else
      expect(() => readConfig({ RATE_LIMITS: text })).toThrow('RATE_LIMITS must be on, off, or a comma list');
  });

  it('trust the proxies that are named, and nothing else', () => {
    const trusted = (list: string) => readConfig({ TRUSTED_PROXIES: list }).limits.trustedProxies;
    expect(trusted('10.0.0.0/8, loopback,2001:db8::/32')).toEqual([
      '10.0.0.0/8',
      'loopback',
      '2001:db8::/32',
    ]);
    for (const wrong of ['true', '*', '10.0.0.0/33', 'nginx', '10.0.0.1,', '1']) {
      expect(() => trusted(wrong)).toThrow('TRUSTED_PROXIES must be addresses');
    }
  });
});
