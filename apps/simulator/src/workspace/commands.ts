import { type FastifyReply, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import { signedIn, type Caller } from '../http/caller.js';
import { accepted, type Envelope } from '../http/envelope.js';
import { type Settings } from '../options.js';
import { type Timers } from '../timers.js';
import { keyValueSchema } from './key-values.js';

const commandSchema = z
  .object({
    operationId: z.string().optional(),
    data: z
      .looseObject({
        destination: z.string(),
        userData: z.array(keyValueSchema),
        key: z.string(),
        reasonCode: z.string(),
        agentWorkMode: z.string(),
        forwardTo: z.string(),
        nickname: z.string(),
        message: z.string(),
      })
      .partial()
      .nullish(),
  })
  .nullish();

type CommandParameters = NonNullable<NonNullable<z.infer<typeof commandSchema>>['data']>;

export interface Command {
  readonly user: string;
  readonly params: Readonly<Record<string, string>>;
  readonly data: CommandParameters;
  readonly operationId: string | undefined;
}

const paramsSchema = z.record(z.string(), z.string());

/** Asynchronous commands: the reply says "accepted", the outcome is a notification. */
export class Commands {
  constructor(
    private readonly settings: Settings,
    private readonly timers: Timers,
  ) {}

  handler(
    perform: (command: Command) => void,
  ): (request: FastifyRequest, reply: FastifyReply) => Promise<unknown> {
    return signedIn((caller, request, reply) => {
      const command = commandOf(caller, request);
      const { operationId } = command;
      const told = this.settings.echoesOperationIds ? command : { ...command, operationId: undefined };
      return this.#settle(reply, operationId, () => perform(told));
    });
  }

  /** Normally the effect follows the reply; `eventBeforeReply` lets the notification win by a clear margin. */
  async #settle(reply: FastifyReply, operationId: string | undefined, effect: () => void): Promise<Envelope> {
    if (this.settings.eventBeforeReply) {
      effect();
      await this.timers.wait(this.settings.eventDelayMs);
    } else {
      reply.raw.once('close', effect);
    }
    return accepted(operationId);
  }
}

function commandOf({ user }: Caller, request: FastifyRequest): Command {
  const { operationId, data } = commandSchema.parse(request.body) ?? {};
  return { user, params: paramsSchema.parse(request.params), data: data ?? {}, operationId };
}
