import { parseArgs } from 'node:util';
import { z } from 'zod';
import { FAULT_NAMES, type FaultName } from './faults/fault-names.js';

export interface SoakOptions {
  readonly seed: number;
  /** How long faults strike. */
  readonly minutes: number;
  /** In the place of a schedule: this many gateways are killed, each when all goes well again. */
  readonly kills: number | undefined;
  readonly users: number;
  /** Clients of each user. */
  readonly tabs: number;
  /** Between two notifications of a user, in milliseconds. */
  readonly periodMs: number;
  readonly gateways: number;
  readonly redis: 'single' | 'sentinel';
  /** All users begin at the first gateway, past the load balancer, so that it owns them all; only it is killed. */
  readonly atOneGateway: boolean;
  /** Users beside those, who begin at the other gateways: so that the survivors have something to do before. */
  readonly others: number;
  /** The first gateway is never killed or told to leave, so that its memory can be followed. */
  readonly spareFirst: boolean;
  readonly faults: readonly FaultName[];
}

export const USAGE = `npm run test:soak -- [options]
  --minutes N         how long faults strike (10)
  --seed S            what decides which faults, where and when (1)
  --kills N           instead of all that: N gateways are killed, each when all goes well again
  --users U           (200)
  --tabs T            clients of each user (1)
  --period MS         between two notifications of a user (1000)
  --gateways G        (3)
  --redis KIND        single, or sentinel: a primary, a replica and three sentinels (sentinel; with --kills single)
  --at-one-gateway    all users begin at the first gateway, past the load balancer; only it is killed
  --others N          with --at-one-gateway: users besides, who begin at the other gateways (0)
  --kill-all          the first gateway is not spared, and its memory not followed that long
  --faults A,B        only these: ${FAULT_NAMES.join(', ')}
`;

const positive = z.coerce.number().positive();
const count = z.coerce.number().int().positive();

const schema = z.object({
  minutes: positive.default(10),
  seed: z.coerce.number().int().default(1),
  kills: count.optional(),
  users: count.default(200),
  tabs: count.default(1),
  period: positive.default(1_000),
  gateways: count.min(2).max(9).default(3),
  redis: z.enum(['single', 'sentinel']).optional(),
  'at-one-gateway': z.boolean().default(false),
  others: z.coerce.number().int().nonnegative().default(0),
  'kill-all': z.boolean().default(false),
  faults: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(FAULT_NAMES)).min(1))
    .default([...FAULT_NAMES]),
});

/** @throws {Error} that names everything that is wrong */
export function readOptions(parameters: readonly string[]): SoakOptions {
  const string = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...parameters],
    options: {
      minutes: string,
      seed: string,
      kills: string,
      users: string,
      tabs: string,
      period: string,
      gateways: string,
      redis: string,
      faults: string,
      others: string,
      'at-one-gateway': { type: 'boolean' },
      'kill-all': { type: 'boolean' },
    },
  });
  const result = schema.safeParse(values);
  if (!result.success) throw new Error(z.prettifyError(result.error));
  const read = result.data;
  return {
    seed: read.seed,
    minutes: read.minutes,
    kills: read.kills,
    users: read.users,
    tabs: read.tabs,
    periodMs: read.period,
    gateways: read.gateways,
    redis: read.redis ?? (read.kills === undefined ? 'sentinel' : 'single'),
    atOneGateway: read['at-one-gateway'],
    others: read.others,
    spareFirst: read.kills === undefined && !read['kill-all'],
    faults: read.faults,
  };
}
