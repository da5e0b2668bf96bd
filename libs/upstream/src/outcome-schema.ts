import { z } from 'zod';
import { isChannelPattern } from './channel-pattern.js';
import { type CommandOutcome, type OutcomeSettings } from './outcome-settings.js';

const PLAIN_PATH = /^(?:\/(?:\{\w+\}|(?!\.{1,2}(?:\/|$))[A-Za-z0-9\-._~!$&'()+,=:@]+))+$/;

const path = z.string().refine((text) => PLAIN_PATH.test(text), {
  error: 'must be a plain path beneath basePath; a segment may be a {name}',
});
const pointer = z.string().regex(/^(?:\/(?:[^~]|~[01])*)+$/, 'must be a JSON pointer (RFC 6901)');
const channel = z.string().refine((text) => isChannelPattern(withNames(text)), {
  error: 'is no Bayeux channel or wildcard',
});
const value = z.union([z.string(), z.number(), z.boolean(), z.null()]);

const command: z.ZodType<CommandOutcome> = z
  .strictObject({
    paths: z.array(path).min(1),
    channels: z.array(channel).default([]),
    messageType: z.string().min(1),
    each: pointer.optional(),
    subject: pointer.optional(),
    parameter: z.string().min(1).optional(),
    opensIn: z.array(value).min(1).optional(),
    state: pointer,
    succeeded: z.array(value).min(1),
    failed: z.array(value).default([]),
  })
  .superRefine((its, context) => {
    for (const message of problemsOf(its)) context.addIssue({ code: 'custom', message });
  });

export const outcomeSchema: z.ZodType<OutcomeSettings> = z.strictObject({
  operationId: z.strictObject({ in: z.enum(['body', 'query']), name: z.string().regex(/^\w{1,64}$/) }),
  repeatedAt: z.array(pointer).min(1),
  errorType: z.string().min(1).optional(),
  channels: z.array(channel).min(1).optional(),
  commands: z.array(command).max(100).default([]),
});

/** A channel as it may look once the path's segments are in it. */
export function withNames(channelTemplate: string): string {
  return channelTemplate.replaceAll(/\{\w+\}/g, 'name');
}

function problemsOf({ paths, channels, subject, parameter, opensIn }: CommandOutcome): string[] {
  const isKnown = (name: string) => paths.every((each) => each.split('/').includes(`{${name}}`));
  const named = channels.flatMap((each) => [...each.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name));
  const unknown = [...named, ...(parameter === undefined ? [] : [parameter])].filter(
    (name) => !isKnown(name),
  );
  const isFound = parameter !== undefined || opensIn !== undefined;
  return [
    ...unknown.map((name) => `{${name}} is not in every path`),
    ...(subject === undefined && isFound ? ['parameter and opensIn say which subject: there is none'] : []),
    ...(subject !== undefined && !isFound ? ['subject needs parameter or opensIn'] : []),
    ...(parameter !== undefined && opensIn !== undefined
      ? ['parameter and opensIn exclude one another']
      : []),
  ];
}
