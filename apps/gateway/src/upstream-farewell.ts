import { type Fanout } from '@gw/fanout';
import { type Session, type Sessions } from '@gw/sessions';
import { type UpstreamProfile, type UpstreamSessions } from '@gw/upstream';
import { type SessionBearers } from './bearers.js';

/** Behind the end of a user's last session: ends what the gateway holds upstream on the user's behalf. */
export class UpstreamFarewell {
  constructor(
    private readonly profile: UpstreamProfile,
    private readonly sessions: Sessions,
    private readonly bearers: SessionBearers,
    private readonly fanout: Fanout,
    private readonly upstream: UpstreamSessions,
  ) {}

  /** CometD first, so that it is not answered by refusals; then the APIs' own logout. */
  readonly step = async ({ user, tokens }: Session): Promise<void> => {
    if ((await this.sessions.ofUser(user.id)).length > 0) return;
    await this.bearers.lend(user.id, tokens.accessToken.reveal(), () =>
      this.fanout.end(user.id, async () => {
        await Promise.all(this.profile.apis.map(({ name }) => this.upstream.logout(user.id, name)));
        await this.upstream.forget(user.id);
      }),
    );
  };
}
