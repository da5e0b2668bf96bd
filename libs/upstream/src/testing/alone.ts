import { type Clock } from '@gw/kernel';
import { MemoryCluster, MemoryLocks } from '@gw/ownership/memory';
import { MemoryUpstreamStates } from '../memory/index.js';
import { type SharedUpstream } from '../upstream-sessions.js';

/** What an instance shares that is the only one. */
export const alone = (clock: Clock): SharedUpstream => ({
  states: new MemoryUpstreamStates(),
  locks: new MemoryLocks(new MemoryCluster(clock)),
});
