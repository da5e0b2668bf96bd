/** What one instance takes on for its sockets. A class, so that it is its own injection token. */
export class SocketLimits {
  constructor(
    /** Sockets admitted in any one second. */
    readonly admissionsPerSecond: number,
    /** What may wait for one client to take it, in bytes. */
    readonly bufferBytes: number,
  ) {}
}
