import { after, type Clock, type Soon } from '@gw/kernel';
import { type Session, type Sessions } from '@gw/sessions';
import { type AccessGrant, type AccessHandles } from './access-handles.js';
import { type HandleHash, handleHashOf, looksLikeHandle } from './handle.js';

const MAX_REMEMBERED = 20_000;

/**
 * From the access token that an app sends to its session; on the path of every request. Which session a
 * handle stands for never changes, so that is remembered until the handle expires; whether the session
 * still lives is asked each time. Bounded: the handle that was remembered first goes.
 */
export class NativeAccess {
  readonly #remembered = new Map<HandleHash, AccessGrant>();

  constructor(
    private readonly handles: AccessHandles,
    private readonly sessions: Sessions,
    private readonly clock: Clock,
  ) {}

  /** `touch`: this request counts as use of the session. */
  authenticate(handle: string, touch: { touch: boolean }): Soon<Session | undefined> {
    if (!looksLikeHandle(handle)) return undefined;
    return after(
      this.#grantOf(handleHashOf(handle)),
      (grant) => grant && this.sessions.use(grant.session, touch),
    );
  }

  #grantOf(hash: HandleHash): Soon<AccessGrant | undefined> {
    return after(this.#remembered.get(hash) ?? this.handles.find(hash), (grant) => {
      if (!grant || grant.expiresAt <= this.clock.now()) {
        this.#remembered.delete(hash);
        return undefined;
      }
      this.#remember(hash, grant);
      return grant;
    });
  }

  #remember(hash: HandleHash, grant: AccessGrant): void {
    this.#remembered.set(hash, grant);
    if (this.#remembered.size <= MAX_REMEMBERED) return;
    const [first] = this.#remembered.keys();
    if (first !== undefined) this.#remembered.delete(first);
  }
}
