import { endOf, type Session, type SessionUser } from '@gw/sessions';

/** The bodies that clients get of sessions; times are ISO 8601. Lists of what is shown: tokens are not. */

const iso = (ms: number): string => new Date(ms).toISOString();

const userView = ({ id, userName, displayName }: SessionUser) => ({ id, userName, displayName });

export const sessionView = (session: Session) => ({
  user: userView(session.user),
  createdAt: iso(session.createdAt),
  expiresAt: iso(session.expiresAt),
  idleExpiresAt: iso(endOf(session)),
});

/** One of the user's own devices. The id says nothing about the cookie: it is a hash of 256 random bits. */
export const deviceView = (session: Session, current: Session) => ({
  id: session.id,
  device: session.device,
  /** Absent: a browser's. */
  ...(session.client !== undefined && { client: session.client }),
  createdAt: iso(session.createdAt),
  lastSeenAt: iso(session.lastSeenAt),
  expiresAt: iso(session.expiresAt),
  idleExpiresAt: iso(endOf(session)),
  current: session.id === current.id,
});
