/** Whether this instance wants new work. */
export class Readiness {
  state: 'starting' | 'ready' | 'draining' = 'starting';
}
