import { PASSWORD, userName } from '../platform/bench-event.js';
import { CookieAgent } from '../../support/cookie-agent.js';

/** Signs a user in as a browser does; returns the Cookie header of the session. */
export async function signIn(gatewayUrl: string, user: number): Promise<string> {
  const browser = new CookieAgent();
  const go = async (url: string, form?: URLSearchParams): Promise<string> => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await browser.request(url, form && { method: 'POST', headers, body: form.toString() });
    return answer.headers.get('location') ?? answer.text;
  };
  const authorizeUrl = await go(`${gatewayUrl}/auth/login`);
  const page = await go(authorizeUrl);
  const action = plain(/<form[^>]*action="([^"]*)"/.exec(page)?.[1] ?? '');
  let next = await go(new URL(action, authorizeUrl).href, formOf(page, user));
  while (!new URL(next, authorizeUrl).href.startsWith(gatewayUrl))
    next = await go(new URL(next, authorizeUrl).href);
  await go(next);
  const cookie = browser.cookieHeader(gatewayUrl);
  if (!/(?:^|; )session=/.test(cookie)) throw new Error(`Signing in user ${user} gave no session`);
  return cookie;
}

function formOf(page: string, user: number): URLSearchParams {
  const form = new URLSearchParams({ username: userName(user), password: PASSWORD });
  for (const [input] of page.matchAll(/<input[^>]*type="hidden"[^>]*>/g)) {
    form.set(/name="([^"]*)"/.exec(input)?.[1] ?? '', plain(/value="([^"]*)"/.exec(input)?.[1] ?? ''));
  }
  return form;
}

const plain = (html: string) =>
  html.replaceAll('&amp;', '&').replaceAll('&quot;', '"').replaceAll('&#39;', "'");
