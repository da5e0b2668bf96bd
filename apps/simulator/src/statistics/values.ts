import { type Clock } from '@gw/kernel';
import { z } from 'zod';
import { type Directory } from '../agents.js';
import { type AgentState } from '../workspace/desks.js';

export const requestedSchema = z.looseObject({
  statisticId: z.string().optional(),
  objectId: z.string(),
  objectType: z.string(),
  name: z.string().optional(),
  definition: z.looseObject({}).optional(),
});
export type Requested = z.infer<typeof requestedSchema>;

export interface Measured {
  readonly directory: Directory;
  readonly agentStateOf: (user: string) => AgentState;
  readonly clock: Clock;
}

/** One value of a statistic, now. `value` mirrors Stat Server's message; its shape is the statistic's own. */
export function measure({ statisticId, objectId, objectType, name }: Requested, measured: Measured): object {
  const timestamp = measured.clock.now();
  const value = name === 'CurrentAgentState' ? stateOf(objectId, measured) : secondsOfMinute(timestamp);
  return { statisticId, name, objectId, objectType, timestamp, value: { tag: name, timestamp, ...value } };
}

function stateOf(objectId: string, { directory, agentStateOf }: Measured): object {
  const agent = directory.named(objectId);
  return { stringValue: agent ? agentStateOf(agent.name) : 'Unknown' };
}

/** A number that moves, for everything the simulator does not really measure. */
function secondsOfMinute(timestamp: number): object {
  return { intValue: Math.floor(timestamp / 1_000) % 60 };
}
