import { type ApiName, GatewayError, type InstanceId, type UserId } from '@gw/kernel';
import { type BoardView, type Claim, type ConnectionReport, type Lease, type Taken } from '@gw/ownership';
import { MemoryBoard, MemoryInstances, MemoryLeases } from '@gw/ownership/memory';

function unavailable(): GatewayError {
  return new GatewayError('state_unavailable', 'unavailable', 'the shared state is away');
}

/** An instance that can be cut off from the others. */
export class PartitionedInstances extends MemoryInstances {
  isCutOff = false;

  override cutOffMs(): number {
    return this.isCutOff ? 3_600_000 : 0;
  }
}

export class PartitionedLeases extends MemoryLeases {
  /** Until then, who claims does not hear what came of it. */
  answering: Promise<void> | undefined;

  constructor(private readonly reach: PartitionedInstances) {
    super(reach);
  }

  override async claim(user: UserId, api: ApiName): Promise<Claim> {
    if (this.reach.isCutOff) throw unavailable();
    const claim = await super.claim(user, api);
    await this.answering;
    return claim;
  }

  override async seize(user: UserId, api: ApiName): Promise<Taken> {
    if (this.reach.isCutOff) throw unavailable();
    return super.seize(user, api);
  }

  override async release(user: UserId, api: ApiName, lease: Lease, then: 'keep' | 'forget'): Promise<void> {
    if (this.reach.isCutOff) throw unavailable();
    return super.release(user, api, lease, then);
  }
}

export class PartitionedBoard extends MemoryBoard {
  constructor(
    leases: MemoryLeases,
    private readonly reach: PartitionedInstances,
  ) {
    super(leases);
  }

  override async wish(user: UserId, api: ApiName, channels: readonly string[]): Promise<BoardView> {
    if (this.reach.isCutOff) throw unavailable();
    return super.wish(user, api, channels);
  }

  override async report(
    user: UserId,
    api: ApiName,
    lease: Lease,
    report: ConnectionReport | undefined,
  ): Promise<boolean> {
    if (this.reach.isCutOff) throw unavailable();
    return super.report(user, api, lease, report);
  }

  override async withdraw(user: UserId, instance: InstanceId): Promise<void> {
    if (this.reach.isCutOff) throw unavailable();
    return super.withdraw(user, instance);
  }

  override async read(user: UserId): Promise<BoardView> {
    if (this.reach.isCutOff) throw unavailable();
    return super.read(user);
  }
}
