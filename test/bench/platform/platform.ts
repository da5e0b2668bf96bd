// Process: the simulated platform, and what makes it send notifications.
import { startSimulator } from '@gw/simulator';
import { type Load, openLoop } from '../measuring/open-loop.js';
import { ready, serve } from '../measuring/serve.js';
import { benchEvent, CHANNEL, userName } from './bench-event.js';

export interface PublishRequest extends Load {
  readonly run: number;
  readonly paddingBytes?: number | undefined;
}

const simulator = await startSimulator({
  extraAgents: Number(process.env.BENCH_USERS ?? 0),
  eventDelayMs: 5,
});

function publish({ run, paddingBytes, ...load }: PublishRequest): Promise<number> {
  return openLoop(load, (user) => {
    simulator.control.publish(userName(user), 'workspace', CHANNEL, benchEvent(run, paddingBytes));
  });
}

const commands = { publish };
export type Platform = typeof commands;

serve(commands);
ready(simulator.url);
