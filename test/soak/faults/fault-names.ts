/** What strikes gateways, Redis and the network, one after the other. */
export const MACHINE_FAULTS = [
  'kill',
  'freeze',
  'terminate',
  'redis-hang',
  'redis-failover',
  'cut',
  'reset',
] as const;

/** What strikes users, and may do so while a machine is being struck. */
export const USER_FAULTS = [
  'upstream',
  'forget-session',
  'expire-tokens',
  'drop',
  'reopen',
  'logout',
] as const;

export const FAULT_NAMES = [...MACHINE_FAULTS, ...USER_FAULTS] as const;

export type MachineFault = (typeof MACHINE_FAULTS)[number];
export type UserFault = (typeof USER_FAULTS)[number];
export type FaultName = (typeof FAULT_NAMES)[number];
