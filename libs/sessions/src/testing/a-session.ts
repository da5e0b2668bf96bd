import { asUserId, Secret } from '@gw/kernel';
import { type Session } from '../session.js';
import { newSessionSecret, sessionIdOf } from '../session-secret.js';

/** A session of Anna that lasts an hour, and ten minutes without use; `parts` replace what matters. */
export function aSession(now: number, parts: Partial<Session> = {}): Session {
  return {
    id: sessionIdOf(newSessionSecret()),
    version: 1,
    user: { id: asUserId('anna'), userName: 'anna', displayName: 'Anna Schmidt' },
    device: 'Firefox on Linux',
    createdAt: now,
    lastSeenAt: now,
    expiresAt: now + 3_600_000,
    idleTtlMs: 600_000,
    tokens: {
      accessToken: new Secret('access-1'),
      refreshToken: new Secret('refresh-1'),
      obtainedAt: now,
      expiresAt: now + 300_000,
    },
    ...parts,
  };
}
