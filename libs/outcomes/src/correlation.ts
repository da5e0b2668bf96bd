import { type CommandOutcome, type OutcomeSettings } from '@gw/upstream';
import { type CommandRule } from './command-rules.js';
import { valuesAt } from './json-pointer.js';

/** What a notification says of a command. `failed-somebody`: an error that does not say whose. */
export type Verdict = 'succeeded' | 'failed' | 'failed-somebody' | undefined;

/**
 * One command among the notifications of its API. A notification that repeats the command's id is the
 * command's; one that repeats another's can at most tell that its subject has come to an end; one without
 * any is the command's if it tells the state that the command leads to, of the subject that it is about.
 */
export class Correlation {
  #subject: unknown;

  constructor(
    private readonly settings: OutcomeSettings,
    private readonly rule: CommandRule | undefined,
    /** Undefined when the command could not be given one. */
    private readonly operationId: string | undefined,
  ) {
    const { parameter } = rule?.outcome ?? {};
    if (parameter !== undefined) this.#subject = rule?.names.get(parameter);
  }

  /** What the command is about; undefined until that is known. */
  get subject(): unknown {
    return this.#subject;
  }

  /** `isTaken` says whether another command has made that subject. */
  judge(data: unknown, isTaken: (subject: unknown) => boolean): Verdict {
    const owner = this.#ownerOf(data);
    const [messageType] = valuesAt(data, '/messageType');
    if (this.settings.errorType !== undefined && messageType === this.settings.errorType) {
      return { ours: 'failed', others: undefined, nobody: 'failed-somebody' }[owner] as Verdict;
    }
    const outcome = this.rule?.outcome;
    if (!outcome) return owner === 'ours' ? 'succeeded' : undefined;
    if (messageType !== outcome.messageType) return undefined;
    for (const element of elementsOf(data, outcome)) {
      if (!this.#isAbout(element, outcome, owner, isTaken)) continue;
      const verdict = verdictOf(element, outcome);
      if (verdict === 'failed' || (verdict && owner !== 'others')) return verdict;
    }
    return undefined;
  }

  #ownerOf(data: unknown): 'ours' | 'others' | 'nobody' {
    const ids = this.settings.repeatedAt.flatMap((pointer) => valuesAt(data, pointer));
    const named = ids.filter((id) => typeof id === 'string');
    if (this.operationId !== undefined && named.includes(this.operationId)) return 'ours';
    return named.length > 0 ? 'others' : 'nobody';
  }

  #isAbout(
    element: unknown,
    { subject, opensIn, state }: CommandOutcome,
    owner: 'ours' | 'others' | 'nobody',
    isTaken: (subject: unknown) => boolean,
  ): boolean {
    if (subject === undefined) return true;
    const [name] = valuesAt(element, subject);
    if (name === undefined) return false;
    const isNew = opensIn !== undefined && this.#subject === undefined;
    const isOpening = owner === 'nobody' && includes(opensIn, valuesAt(element, state)) && !isTaken(name);
    if (isNew && (owner === 'ours' || isOpening)) this.#subject = name;
    return name === this.#subject;
  }
}

function elementsOf(data: unknown, { each }: CommandOutcome): unknown[] {
  return each === undefined ? [data] : valuesAt(data, `${each}/*`);
}

function verdictOf(element: unknown, outcome: CommandOutcome): 'succeeded' | 'failed' | undefined {
  const states = valuesAt(element, outcome.state);
  if (includes(outcome.succeeded, states)) return 'succeeded';
  return includes(outcome.failed, states) ? 'failed' : undefined;
}

function includes(expected: readonly unknown[] | undefined, [state]: readonly unknown[]): boolean {
  return state !== undefined && expected?.includes(state) === true;
}
