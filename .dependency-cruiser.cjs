// Who may import whom; docs/architecture.md shows the same as a picture.
const mayUse = {
  kernel: [],
  contract: [],
  redis: ['kernel'],
  limits: ['kernel', 'redis'],
  ownership: ['kernel', 'redis'],
  sessions: ['kernel', 'redis'],
  upstream: ['kernel', 'redis', 'ownership'],
  bayeux: ['kernel'],
  journal: ['kernel', 'redis', 'ownership'],
  tokens: ['kernel', 'redis', 'ownership', 'sessions'],
  native: ['kernel', 'redis', 'sessions'],
  outcomes: ['kernel', 'contract', 'upstream'],
  idempotency: ['kernel', 'redis'],
  proxy: ['kernel', 'upstream', 'outcomes', 'idempotency'],
  fanout: ['kernel', 'contract', 'ownership', 'upstream', 'bayeux', 'journal'],
  telemetry: [
    'contract',
    'outcomes',
    'idempotency',
    'limits',
    'redis',
    'ownership',
    'kernel',
    'sessions',
    'tokens',
    'native',
    'upstream',
    'proxy',
    'bayeux',
    'fanout',
  ],
};
const libs = Object.keys(mayUse);
const adapters = [
  'memory',
  'redis',
  'undici',
  'cometd',
  'passport',
  'fastify',
  'pino',
  'prometheus',
  'socketio',
];
const testFiles = '\\.(test|contract)\\.ts$|/testing/';

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'not-to-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    ...libs.map((lib) => ({
      name: `${lib}-uses-only-its-row`,
      severity: 'error',
      from: { path: `^libs/${lib}/` },
      to: { path: '^libs/', pathNot: `^libs/(${[lib, ...mayUse[lib]].join('|')})/` },
    })),
    {
      name: 'lib-without-a-row-in-mayUse',
      severity: 'error',
      from: { path: '^libs/', pathNot: `^libs/(${libs.join('|')})/` },
      to: {},
    },
    {
      name: 'domain-knows-no-framework',
      severity: 'error',
      from: { path: '^libs/[^/]+/src/[^/]+\\.ts$', pathNot: [testFiles, '^libs/redis/'] },
      to: {
        path: `node_modules/(@nestjs|ioredis|socket\\.io|undici|rxjs|fastify|@fastify|cometd|passport|pino)|^libs/redis/|^libs/[^/]+/src/(${adapters.join('|')})/`,
      },
    },
    {
      name: 'adapters-know-no-nest',
      severity: 'error',
      from: { path: `^libs/[^/]+/src/(${adapters.join('|')})/` },
      to: { path: 'node_modules/@nestjs|/src/nest/' },
    },
    {
      name: 'adapters-do-not-mix',
      severity: 'error',
      from: { path: `^libs/([^/]+)/src/(${adapters.join('|')})/`, pathNot: testFiles },
      to: { path: `^libs/$1/src/(${adapters.join('|')})/`, pathNot: '^libs/$1/src/$2/' },
    },
    { name: 'libs-know-no-apps', severity: 'error', from: { path: '^libs/' }, to: { path: '^(apps|test)/' } },
    {
      name: 'apps-know-no-apps',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'testing-only-from-tests',
      severity: 'error',
      from: { path: '^(libs|apps)/', pathNot: testFiles },
      to: { path: '/testing/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '/dist/' },
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    tsConfig: { fileName: 'tsconfig.test.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'require', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.js', '.json'],
    },
  },
};
