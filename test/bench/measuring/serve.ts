/** What a process does for the benchmark that started it: named commands with one argument and a result. */
export type Commands<C> = {
  readonly [Name in keyof C]: (argument: never) => unknown;
};

export interface CommandMessage {
  readonly id: number;
  readonly command: string;
  readonly argument: unknown;
}

export type ReplyMessage =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: string }
  /** The process is ready to be used, at this URL if it listens. */
  | { readonly ready: string };

/** Answers the benchmark's commands; those it does not know are for somebody else in the process. */
export function serve<C extends Commands<C>>(commands: C): void {
  const byName = new Map(Object.entries<(argument: never) => unknown>(commands));
  process.on('message', ({ id, command, argument }: CommandMessage) => {
    const run = byName.get(command);
    if (!run) return;
    // Whoever sends the command has the types to send the right argument.
    Promise.resolve(argument as never)
      .then(run)
      .then(
        (result) => reply({ id, result }),
        (error: unknown) =>
          reply({ id, error: error instanceof Error ? (error.stack ?? '') : String(error) }),
      );
  });
  // The benchmark is gone, however it went.
  process.once('disconnect', () => process.exit(0));
}

export function ready(url = ''): void {
  reply({ ready: url });
}

function reply(message: ReplyMessage): void {
  process.send?.(message);
}
