/** What the next owner of a CometD session needs to go on with it, beside its mark. Secret: it is stored sealed. */
export interface SavedSession {
  /** The Bayeux session's own state, as `BayeuxSession.resume` takes it, but for its mark. */
  readonly bayeux: string;
  /** `name=value` of the cookie that the Bayeux server set for this session alone. */
  readonly browserCookie: string | undefined;
  /** The upstream session that it was made in. */
  readonly generation: number;
  /** Names the Bayeux session in reports, where its client id must not appear. Absent: an older version saved it. */
  readonly name?: string | undefined;
}

/** Written out once, as long as nothing changes. */
export class SavedText {
  #written: { readonly saved: SavedSession; readonly text: string } | undefined;

  of(saved: SavedSession): string {
    if (!this.#written || !isSame(this.#written.saved, saved))
      this.#written = { saved, text: JSON.stringify(saved) };
    return this.#written.text;
  }
}

const isSame = (one: SavedSession, other: SavedSession): boolean =>
  one.bayeux === other.bayeux &&
  one.browserCookie === other.browserCookie &&
  one.generation === other.generation &&
  one.name === other.name;

/** Undefined for what an older or newer version may have saved: then a new session is made. */
export function parseSaved(text: string | undefined): SavedSession | undefined {
  if (text === undefined) return undefined;
  try {
    const saved: unknown = JSON.parse(text);
    return isSaved(saved) ? saved : undefined;
  } catch {
    return undefined;
  }
}

function isSaved(value: unknown): value is SavedSession {
  if (typeof value !== 'object' || value === null) return false;
  const { bayeux, browserCookie, generation, name } = value as Record<string, unknown>;
  const cookieIsFine = browserCookie === undefined || typeof browserCookie === 'string';
  const nameIsFine = name === undefined || typeof name === 'string';
  return typeof bayeux === 'string' && cookieIsFine && typeof generation === 'number' && nameIsFine;
}
