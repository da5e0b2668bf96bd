import { AckExtension, CometD } from 'cometd';
import { adapt } from 'cometd-nodejs-client';
import { CHANNEL } from '../platform/bench-event.js';

type Jar = Map<string, string>;

// The library's own jar is one for all clients of a process, and with it the server takes them for tabs of
// one browser. The two hooks of one request get the same URL object: so a reply's cookie finds its jar.
const jars = new WeakMap<object, Jar>();
adapt({
  cookies: {
    retrieveCookies: (jar: Jar, url: object, answer) => {
      jars.set(url, jar);
      answer(
        null,
        [...jar].map(([name, value]) => `${name}=${value}`),
      );
    },
    storeCookie: (url: object, line, answer) => {
      const jar = jars.get(url);
      if (jar) keep(jar, line);
      answer(null, line);
    },
  },
});

/** The plain library as its documentation shows it: a Workspace session, one CometD session, one channel. */
export async function connectCometd(
  platformUrl: string,
  token: string,
  onData: (data: unknown) => void,
): Promise<CometD> {
  const jar: Jar = new Map();
  const authorization = `Bearer ${token}`;
  await initializeWorkspace(platformUrl, authorization, jar);
  const cometd = new CometD();
  cometd.unregisterTransport('websocket');
  cometd.unregisterTransport('callback-polling');
  Object.assign(cometd.findTransport('long-polling') ?? {}, { context: jar });
  cometd.registerExtension('ack', new AckExtension());
  const url = `${platformUrl}/workspace/v3/notifications`;
  cometd.configure({ url, requestHeaders: { authorization }, logLevel: 'warn' });
  await subscribed(cometd, onData);
  return cometd;
}

async function initializeWorkspace(platformUrl: string, authorization: string, jar: Jar): Promise<void> {
  const url = `${platformUrl}/workspace/v3/initialize-workspace`;
  const response = await fetch(url, { method: 'POST', headers: { authorization } });
  await response.text();
  for (const line of response.headers.getSetCookie()) keep(jar, line);
}

function subscribed(cometd: CometD, onData: (data: unknown) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    cometd.handshake((handshake) => {
      if (!handshake.successful) reject(new Error(`The handshake failed: ${handshake.error ?? ''}`));
      cometd.subscribe(
        CHANNEL,
        ({ data }: { data?: unknown }) => onData(data),
        (reply) => {
          if (reply.successful) resolve();
          else reject(new Error(`The subscription failed: ${reply.error ?? ''}`));
        },
      );
    });
  });
}

function keep(jar: Jar, line: string): void {
  const pair = line.split(';', 1)[0] ?? '';
  const equals = pair.indexOf('=');
  jar.set(pair.slice(0, equals), pair.slice(equals + 1));
}
