import type { BackupMethod, Pruning } from '../method.ts';
import { deletableOf } from '../retention.ts';
import type { LogicalRecoveryPoint } from './logical-recovery-point.ts';
import { logicalRecoveryPoints } from './logical-recovery-points.ts';
import { type Keeping, logicalProving } from './prove-stored.ts';
import { type BackupPorts, type BackupSettings, logicalTaking } from './take-backup.ts';

export interface LogicalBackupPorts extends BackupPorts {
  readonly keeping: Keeping;
  readonly settings: BackupSettings;
}

/**
 * Backs up a database by copying its tables, as one snapshot shows them, into the vault. It needs an engine with `Snapshots`,
 * and only the same engine can load what is stored.
 */
export function logicalBackup(ports: LogicalBackupPorts): BackupMethod<LogicalRecoveryPoint> {
  const points = logicalRecoveryPoints(ports.vault);
  return {
    method: 'logical',
    ...points,
    ...logicalTaking(ports),
    ...logicalProving(ports),
    ...logicalPruning(points),
  };
}

/**
 * Deletes nothing. The vault's lifecycle expires objects once they are unlocked, and Lifeboat has no right to delete there.
 * The lifecycle does not know which recovery points were verified, so `deletable` says what should be spared. No command shows it yet.
 */
function logicalPruning({ list, find }: ReturnType<typeof logicalRecoveryPoints>): Pruning {
  return {
    async prune(of, options) {
      const points: { id: string; keptUntil: Date }[] = [];
      for (const { id } of await list(of)) {
        const { manifest } = await find({ ...of, id });
        points.push({ id, keptUntil: new Date(manifest.lockedUntil) });
      }
      return { deletable: deletableOf(points, options), deleted: [] };
    },
  };
}
