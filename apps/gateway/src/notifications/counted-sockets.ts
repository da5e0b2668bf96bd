import { type Metrics } from '@gw/telemetry/prometheus';
import { SocketEvents } from './socket-events.js';

export class CountedSockets extends SocketEvents {
  constructor(private readonly metrics: Metrics) {
    super();
  }

  override slowConsumer(): void {
    this.metrics.slowConsumers.inc();
  }

  override flooded(): void {
    this.metrics.floods.inc();
  }

  override busy(): void {
    this.metrics.socketsBusy.inc();
  }

  override originRefused(): void {
    this.metrics.originsRefused.inc();
  }

  override failed(): void {
    this.metrics.backgroundFailures.inc({ activity: 'socket' });
  }
}
