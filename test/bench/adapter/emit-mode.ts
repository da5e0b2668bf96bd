/**
 * `bare`: to the sockets of this process. `sharded`: by Socket.IO's sharded adapter. `journal`: stored, and
 * the journal's own publish drives local emits. `stored, sharded`: stored as well, but sent by the adapter.
 */
export type EmitMode = 'bare' | 'sharded' | 'journal' | 'stored, sharded';
