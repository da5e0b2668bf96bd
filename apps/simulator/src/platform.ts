import { type Directory } from './agents.js';
import { type Authentication } from './auth/authentication.js';
import { type Faults } from './control/faults.js';
import { type Secrets } from './control/secrets.js';
import { type Seen } from './control/seen.js';
import { type Settings } from './options.js';
import { type Timers } from './timers.js';

/** What every API of the platform shares. */
export interface Platform {
  readonly settings: Settings;
  readonly directory: Directory;
  readonly timers: Timers;
  readonly secrets: Secrets;
  readonly seen: Seen;
  readonly faults: Faults;
  readonly auth: Authentication;
}
