import { type CommandOutcome, type UpstreamApi } from '@gw/upstream';

/** What settles one command, and what its path says. */
export interface CommandRule {
  readonly outcome: CommandOutcome;
  /** The path's `{name}` segments, decoded. */
  readonly names: ReadonlyMap<string, string>;
}

/** The rule for a command at `path`, which lies beneath the API's base path; undefined: its id alone tells. */
export function ruleFor({ basePath, outcomes }: UpstreamApi, path: string): CommandRule | undefined {
  const segments = path.slice(basePath.length).split('/');
  for (const outcome of outcomes?.commands ?? []) {
    for (const template of outcome.paths) {
      const names = namesIn(segments, template.split('/'));
      if (names) return { outcome, names };
    }
  }
  return undefined;
}

/** What is listened to while any command of the API waits. */
export function commonChannels({ outcomes, cometd }: UpstreamApi): readonly string[] {
  return outcomes?.channels ?? cometd?.defaultChannels ?? [];
}

/** What is listened to beside, for this command. */
export function ownChannels({ outcome, names }: CommandRule): string[] {
  return outcome.channels.map((template) =>
    template.replaceAll(/\{(\w+)\}/g, (_match, name: string) => names.get(name) ?? ''),
  );
}

function namesIn(
  segments: readonly string[],
  template: readonly string[],
): ReadonlyMap<string, string> | undefined {
  if (segments.length !== template.length) return undefined;
  const names = new Map<string, string>();
  for (const [index, expected] of template.entries()) {
    const segment = segments[index] ?? '';
    if (/^\{\w+\}$/.test(expected)) names.set(expected.slice(1, -1), decodeURIComponent(segment));
    else if (segment !== expected) return undefined;
  }
  return names;
}
