import { type ApiName, asApiName, asInstanceId, type InstanceId } from '@gw/kernel';
import { z } from 'zod';
import { type BoardView, type ConnectionReport } from '../board.js';
import { type Lease } from '../leases.js';
import { parseLease } from './lease-keys.js';

const channels = z.array(z.string());

const report = z.object({
  state: z.enum(['connecting', 'connected', 'interrupted', 'refused']),
  reason: z.string().optional(),
  channels: z.record(z.string(), z.number()),
  refused: z.array(z.string()),
  session: z.string().optional(),
});

const boardMessage = z.discriminatedUnion('kind', [
  /** `by`: it learned of the change from the answer to its own call. */
  z.object({ kind: z.literal('changed'), by: z.string().transform(asInstanceId).optional() }),
  z.object({
    kind: z.literal('publish'),
    id: z.string(),
    api: z.string().transform(asApiName),
    channel: z.string(),
    data: z.unknown(),
    replyTo: z.string(),
  }),
]);

const reply = z.object({ id: z.string(), isTaken: z.boolean() });

const fields = z.array(z.string());
const board = z.tuple([fields, fields, fields]);

export type PublishMessage = Extract<z.infer<typeof boardMessage>, { kind: 'publish' }>;

/** Undefined: none of ours. */
export const parseBoardMessage = (text: string) => parsed(boardMessage, text);
export const parseReply = (text: string) => parsed(reply, text);

interface MutableView {
  lease: Lease | undefined;
  report: ConnectionReport | undefined;
  readonly wishes: Map<InstanceId, readonly string[]>;
}

/** Of what the scripts return. What cannot be read, of a later release for example, counts as absent. */
export function decodeBoard(answer: unknown): BoardView {
  const [leases, wishes, reports] = board.parse(answer);
  const views = new Map<ApiName, MutableView>();
  const viewOf = (name: string): MutableView => {
    const api = asApiName(name);
    const view = views.get(api) ?? { lease: undefined, report: undefined, wishes: new Map() };
    views.set(api, view);
    return view;
  };
  for (const [api, value] of pairs(leases)) viewOf(api).lease = parseLease(value);
  for (const [api, value] of pairs(reports)) viewOf(api).report = parsed(report, value);
  for (const [field, value] of pairs(wishes)) {
    const [, api, instance] = /^(\S+) (\S+)$/u.exec(field) ?? [];
    const wanted = parsed(channels, value);
    if (api !== undefined && instance !== undefined && wanted)
      viewOf(api).wishes.set(asInstanceId(instance), wanted);
  }
  return views;
}

function* pairs(list: readonly string[]): Generator<[field: string, value: string]> {
  for (let at = 0; at + 1 < list.length; at += 2) yield [list[at] ?? '', list[at + 1] ?? ''];
}

function parsed<T>(schema: z.ZodType<T>, text: string): T | undefined {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
