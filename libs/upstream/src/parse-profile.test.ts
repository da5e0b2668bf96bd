import { describe, expect, it } from 'vitest';
import { engageProfile } from './engage-profile.js';
import { parseProfile } from './parse-profile.js';

const salesforceLike = {
  apis: [
    {
      name: 'salesforce',
      baseUrl: 'https://example.my.salesforce.com',
      basePath: '/services/data/v61.0',
      refusedPaths: ['/limits/**'],
      cometd: {
        path: '/cometd/61.0',
        bearer: true,
        defaultChannels: ['/topic/Cases'],
        allowedChannels: ['/topic/*', '/event/*', '/data/**'],
      },
    },
  ],
};

function problemsOf(value: unknown): readonly string[] {
  const parsed = parseProfile(value);
  return parsed.kind === 'invalid' ? parsed.problems : [];
}

/** The built-in profile as a file would hold it, with `change` made to its first API. */
function workspaceWith(change: object): unknown {
  const [workspace, ...others] = structuredClone(engageProfile.apis);
  return { apis: [{ ...workspace, ...change }, ...others] };
}

describe('a profile', () => {
  it('that no schema can judge is invalid all the same', () => {
    expect(problemsOf({ apis: { length: { toString: 1 } } })).toHaveLength(1);
  });

  it('may be the built-in one, written down', () => {
    expect(parseProfile(structuredClone(engageProfile))).toEqual({ kind: 'profile', profile: engageProfile });
  });

  it('describes another CometD API without code', () => {
    expect(parseProfile(salesforceLike)).toMatchObject({
      kind: 'profile',
      profile: {
        apis: [
          {
            name: 'salesforce',
            cometd: {
              path: '/cometd/61.0',
              publishChannels: [],
              browserCookie: 'BAYEUX_BROWSER',
              handshakesPerSecond: 100,
            },
          },
        ],
      },
    });
  });

  it('may describe an API that has REST alone', () => {
    expect(parseProfile({ apis: [{ name: 'ucs', basePath: '/ucs/v3' }] }).kind).toBe('profile');
  });

  it('is refused with every problem at once, each with its place', () => {
    const problems = problemsOf({
      apis: [
        { name: 'Upper', basePath: 'no-slash', typo: 1 },
        { name: 'b', basePath: '/b/', cometd: { path: '/b/n', bearer: 'yes', allowedChannels: ['a'] } },
      ],
    });
    expect(problems).toEqual([
      'apis[0].name: must be a lower-case word of at most 32 characters',
      'apis[0].basePath: must start with "/"',
      expect.stringMatching(/^apis\[0\]: Unrecognized key: "typo"/),
      expect.stringMatching(/^apis\[1\]\.basePath: must be a plain path/),
      expect.stringMatching(/^apis\[1\]\.cometd\.bearer: Invalid input/),
      'apis[1].cometd.allowedChannels[0]: is no Bayeux channel or wildcard',
    ]);
  });

  it.each([undefined, null, 'text', [], {}, { apis: [] }])('is never %j', (value) => {
    expect(problemsOf(value)).not.toHaveLength(0);
  });

  it.each(['//x', '/a/../b', '/a/.', '/a%2fb', '/a?b', '/a/*', '/a b', '/'])(
    'has no base path "%s"',
    (basePath) => {
      expect(problemsOf(workspaceWith({ basePath }))).toEqual([
        expect.stringMatching(/^apis\[0\]\.basePath: /),
      ]);
    },
  );

  it.each(['ftp://x', 'https://x/path', 'https://user@x', 'x', 'https://'])(
    'has no base URL "%s"',
    (baseUrl) => {
      expect(problemsOf(workspaceWith({ baseUrl }))).toEqual([
        expect.stringMatching(/^apis\[0\]\.baseUrl: /),
      ]);
    },
  );

  it.each(['/statistics/v3', '/Statistics/V3', '/statistics', '/statistics/v3/deeper'])(
    'has no two APIs of overlapping base paths: %s',
    (basePath) => {
      expect(problemsOf(workspaceWith({ basePath }))).toEqual([
        expect.stringMatching(/^apis\[1\]\.basePath: overlaps .* of "workspace"$/),
      ]);
    },
  );

  it('has no two APIs of one name', () => {
    expect(problemsOf(workspaceWith({ name: 'statistics' }))).toEqual([
      'apis[1].name: "statistics" is the name of another API',
    ]);
  });

  it('allows the channels that it subscribes by default, and the one that tells readiness', () => {
    const cometd = { ...engageProfile.apis[0]?.cometd, allowedChannels: ['/workspace/v3/media/**'] };
    expect(problemsOf(workspaceWith({ cometd }))).toEqual([
      'apis[0].cometd.defaultChannels[0]: is not covered by allowedChannels',
      'apis[0].cometd.defaultChannels[1]: is not covered by allowedChannels',
      'apis[0].cometd.defaultChannels[2]: is not covered by allowedChannels',
      'apis[0].cometd.readiness.channel: is not covered by allowedChannels',
    ]);
  });
});
