/**
 * Things that must be done by one instance at a time. Every implementation passes
 * `testing/locks.contract.ts`.
 */
export abstract class Locks {
  /**
   * Runs `task` while nobody else in the cluster runs one under the same name. The lock is renewed while
   * the task runs, however long, and ends by itself ten seconds after its holder died.
   * `busy`: somebody else had it for all of `waitMs`, and nothing was run.
   *
   * @throws {GatewayError} `state_unavailable` before the task ran; else what the task throws.
   */
  abstract run<T>(
    name: string,
    waitMs: number,
    task: () => Promise<T>,
  ): Promise<{ readonly kind: 'done'; readonly value: T } | { readonly kind: 'busy' }>;
}
