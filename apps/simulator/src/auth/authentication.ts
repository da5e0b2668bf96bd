import { type Directory } from '../agents.js';
import { type Secrets } from '../control/secrets.js';
import { type Seen } from '../control/seen.js';
import { type Settings } from '../options.js';
import { AuthorizationCodes } from './authorization-codes.js';
import { LoginSessions } from './login-sessions.js';
import { TokenStore } from './token-store.js';

/** The state of the Authentication API. */
export class Authentication {
  readonly tokens: TokenStore;
  readonly codes: AuthorizationCodes;
  readonly logins: LoginSessions;

  constructor(
    readonly settings: Settings,
    readonly directory: Directory,
    readonly seen: Seen,
    secrets: Secrets,
  ) {
    this.tokens = new TokenStore(settings.clock, secrets, settings);
    this.codes = new AuthorizationCodes(settings.clock, secrets);
    this.logins = new LoginSessions(secrets);
  }
}
