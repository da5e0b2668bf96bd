// Process: users without a gateway, each with a CometD client of their own.
import { ready, serve } from '../measuring/serve.js';
import { inParallel } from '../platform/in-parallel.js';
import { accessTokenOf } from '../platform/tokens.js';
import { connectCometd } from './cometd-client.js';
import { Received } from './received.js';

const platformUrl = process.env.PLATFORM_URL ?? '';
const received = new Received();

async function connect(users: { readonly from: number; readonly to: number }): Promise<void> {
  await inParallel(users, async (user) => {
    await connectCometd(platformUrl, await accessTokenOf(platformUrl, user), (data) => received.add(data));
  });
}

const commands = {
  connect,
  begin: (run: number) => received.begin(run),
  result: () => received.result(),
};
export type DirectClients = typeof commands;

serve(commands);
ready();
