import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { locationOf, Person } from '../../support/person.js';
import { expectProblem } from '../../support/problem.js';
import { rawRequest } from '../../support/raw-http.js';
import { type Stack, startStack } from '../../support/stack.js';

const FRIEND = 'https://friend.example';

describe('return_to', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ environment: { ALLOWED_RETURN_ORIGINS: FRIEND } });
  });
  afterAll(() => stack.close());

  const elsewhere = (): string[] => {
    const { host, hostname } = new URL(stack.url);
    return [
      ...['//evil.example', '///evil.example', '////evil.example', '/\\evil.example', '\\\\evil.example'],
      ...[
        '/\t/evil.example',
        '/\n/evil.example',
        '\t//evil.example',
        ' //evil.example',
        '/\u0000/evil.example',
      ],
      ...[
        '/\u007f/evil.example',
        '/%09/evil.example',
        '/%2f/evil.example',
        '/%2Fevil.example',
        '/%5cevil.example',
      ],
      ...[
        '/%252fevil.example',
        '/%25252fevil.example',
        '/.//evil.example',
        '/..//evil.example',
        '/x/..//evil.example',
      ],
      ...[
        'https://evil.example',
        'HTTPS://evil.example',
        'http:evil.example',
        'https:///evil.example',
        'evil.example',
      ],
      ...[
        'javascript:alert(1)',
        'JavaScript:alert(1)',
        'data:text/html,x',
        'vbscript:x',
        'file:///etc/passwd',
      ],
      ...['blob:https://evil.example/x', 'about:blank', 'mailto:a@evil.example', '', '?x', '#x', '.', 'x'],
      ...[
        `http://${hostname}:1`,
        `https://${host}`,
        `http://${host}.evil.example`,
        `http://${host}@evil.example`,
      ],
      ...[`http://user@${host}/`, `http://user:word@${host}/`, `http://evil.example\\@${host}/`],
      ...[
        `http://evil.example#@${host}`,
        `http://evil.example?@${host}`,
        `//${host}`,
        `${FRIEND}.evil.example`,
      ],
      ...[
        'http://friend.example',
        `${FRIEND}:444`,
        `https://friend.example@evil.example`,
        `/${'x'.repeat(3_000)}`,
      ],
    ];
  };
  const begin = (returnTo: string) =>
    new Person(stack.url, 'anna').agent.request(
      `${stack.url}/auth/login?return_to=${encodeURIComponent(returnTo)}`,
    );

  it('is refused when it leads elsewhere, in whatever disguise', async () => {
    for (const returnTo of elsewhere()) {
      const answer = await begin(returnTo);
      expect(answer.status, returnTo).toBe(400);
      expectProblem(answer, 400, 'return_to_not_allowed');
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
  });

  it('is refused when it is no text, or there are several', async () => {
    for (const query of [
      'return_to=/a&return_to=/b',
      'return_to=/&return_to=//evil.example',
      'return_to[]=/a',
      'return_to=%',
    ]) {
      const answer = await rawRequest(stack.url, `GET /auth/login?${query} HTTP/1.1`);
      if (answer.status === 302) expect(locationOf(answer)).not.toContain('evil');
      else expectProblem(answer, 400, 'return_to_not_allowed');
    }
  });

  it('is where the login leads when it is a path of ours, or an allowed origin', async () => {
    for (const returnTo of [
      '/',
      '/desk?call=1&x=%20#top',
      '/a/b',
      `${stack.url}/desk`,
      `${FRIEND}/desk?x=1`,
    ]) {
      const anna = new Person(stack.url, 'anna');
      const begun = await anna.agent.request(
        `${stack.url}/auth/login?return_to=${encodeURIComponent(returnTo)}`,
      );
      const done = await anna.agent.request(await anna.authorize(locationOf(begun)));
      expect(new URL(locationOf(done), stack.url).href).toBe(new URL(returnTo, stack.url).href);
    }
  });
});
