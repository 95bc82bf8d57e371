import type { Timer } from '../../clock/clock.ts';
import type { BackupMethod } from '../method.ts';
import { advance, type SnapshotPorts } from './advance.ts';
import { rdsSnapshotProving } from './prove-snapshot.ts';
import { rdsSnapshotPruning } from './prune-snapshots.ts';
import { rdsSnapshotPoints } from './rds-snapshot-points.ts';
import type { OwnRdsSnapshot } from './rds-snapshot-recovery-point.ts';

export interface RdsSnapshotPorts extends SnapshotPorts {
  readonly clock: Timer;
  readonly pollMs: number;
}

/**
 * Backs up an RDS instance by snapshots of its storage. The state machine waits between two looks at a snapshot (see `advance`);
 * `take` waits here.
 */
export function rdsSnapshotBackup(ports: RdsSnapshotPorts): BackupMethod<OwnRdsSnapshot> {
  const { regions, deployment, clock, pollMs } = ports;
  return {
    method: 'rdsSnapshot',
    ...rdsSnapshotPoints(regions.primary, deployment),
    ...rdsSnapshotProving(regions, deployment),
    ...rdsSnapshotPruning(regions, deployment),
    async take({ signal, ...request }) {
      for (;;) {
        signal.throwIfAborted();
        const advanced = await advance(ports, request);
        if (advanced.kind === 'complete') return advanced.point;
        await clock.sleep(pollMs, signal);
      }
    },
  };
}
