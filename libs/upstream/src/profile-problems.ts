import { covers } from './channel-pattern.js';
import { withNames } from './outcome-schema.js';
import { type OutcomeSettings } from './outcome-settings.js';
import { type CometdSettings, type UpstreamApi, type UpstreamProfile } from './profile.js';

export interface ProfileProblem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** What each part alone cannot tell: names and base paths that collide, channels nobody may have. */
export function problemsBetween(profile: UpstreamProfile): ProfileProblem[] {
  return profile.apis.flatMap((api, index) => [
    ...collisions(api, profile.apis.slice(0, index), index),
    ...(api.cometd ? channelProblems(api.cometd, ['apis', index, 'cometd']) : []),
    ...(api.outcomes ? outcomeProblems(api.outcomes, api.cometd, ['apis', index, 'outcomes']) : []),
  ]);
}

function collisions(api: UpstreamApi, earlier: readonly UpstreamApi[], index: number): ProfileProblem[] {
  const problems: ProfileProblem[] = [];
  if (earlier.some((other) => other.name === api.name)) {
    problems.push({ path: ['apis', index, 'name'], message: `"${api.name}" is the name of another API` });
  }
  const rival = earlier.find((other) => overlaps(other.basePath, api.basePath));
  if (rival) {
    const message = `overlaps ${rival.basePath} of "${rival.name}"`;
    problems.push({ path: ['apis', index, 'basePath'], message });
  }
  return problems;
}

/** Compared without case: refusals are, and a path must never be one API's and refused by another. */
function overlaps(one: string, other: string): boolean {
  const [a, b] = [`${one}/`.toLowerCase(), `${other}/`.toLowerCase()];
  return a.startsWith(b) || b.startsWith(a);
}

function channelProblems(cometd: CometdSettings, place: readonly PropertyKey[]): ProfileProblem[] {
  const isAllowed = (channel: string) => cometd.allowedChannels.some((allowed) => covers(allowed, channel));
  const problems = cometd.defaultChannels.flatMap((channel, index) =>
    isAllowed(channel)
      ? []
      : [{ path: [...place, 'defaultChannels', index], message: 'is not covered by allowedChannels' }],
  );
  const { readiness } = cometd;
  if (readiness && !isAllowed(readiness.channel)) {
    const path = [...place, 'readiness', 'channel'];
    problems.push({ path, message: 'is not covered by allowedChannels' });
  }
  return problems;
}

function outcomeProblems(
  { channels = [], commands }: OutcomeSettings,
  cometd: CometdSettings | undefined,
  place: readonly PropertyKey[],
): ProfileProblem[] {
  if (!cometd) return [{ path: place, message: 'needs cometd: notifications settle commands' }];
  const isAllowed = (channel: string) =>
    cometd.allowedChannels.some((allowed) => covers(allowed, withNames(channel)));
  const listened = [
    ...channels.map((channel, index) => ({ channel, path: [...place, 'channels', index] })),
    ...commands.flatMap((command, at) =>
      command.channels.map((channel, index) => ({
        channel,
        path: [...place, 'commands', at, 'channels', index],
      })),
    ),
  ];
  return listened
    .filter(({ channel }) => !isAllowed(channel))
    .map(({ path }) => ({ path, message: 'is not covered by allowedChannels' }));
}
