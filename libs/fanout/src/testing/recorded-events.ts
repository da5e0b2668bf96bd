import { type ConnectionState } from '@gw/contract';
import { type ApiName, GatewayError, type UserId } from '@gw/kernel';
import { FanoutEvents } from '../fanout-events.js';

/** Each event as one line. */
export class RecordedEvents extends FanoutEvents {
  readonly lines: string[] = [];

  override upstreamChanged(user: UserId, api: ApiName, state: ConnectionState, reason?: string): void {
    this.lines.push(`${user} ${api} ${state}${reason === undefined ? '' : ` (${reason})`}`);
  }

  override connectFailed(user: UserId, api: ApiName, error: unknown): void {
    this.lines.push(`${user} ${api} connect failed (${codeOf(error)})`);
  }

  override journaled(user: UserId, api: ApiName, count: number): void {
    this.lines.push(`${user} ${api} journaled ${count}`);
  }

  override journalFailed(user: UserId, api: ApiName, error: unknown): void {
    this.lines.push(`${user} ${api} journal failed (${codeOf(error)})`);
  }

  override ownershipLost(user: UserId, api: ApiName): void {
    this.lines.push(`ownership lost ${user} ${api}`);
  }

  override tookOver(user: UserId, api: ApiName): void {
    this.lines.push(`took over ${user} ${api}`);
  }

  override gapReported(user: UserId, api: ApiName, reason: string): void {
    this.lines.push(`${user} ${api} gap ${reason}`);
  }

  override readFailed(user: UserId, error: unknown): void {
    this.lines.push(`${user} read failed (${codeOf(error)})`);
  }

  override clientAttached(user: UserId, recovered: boolean): void {
    this.lines.push(`${user} attached${recovered ? ' recovered' : ''}`);
  }

  override clientDetached(user: UserId): void {
    this.lines.push(`${user} detached`);
  }
}

function codeOf(error: unknown): string {
  return error instanceof GatewayError ? error.code : 'not a GatewayError';
}
