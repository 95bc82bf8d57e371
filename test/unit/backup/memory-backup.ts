import {
  type LogicalRecoveryPoint,
  logicalRecoveryPoint,
} from '../../../shared/backup/logical/logical-recovery-point.ts';
import { ManifestDamaged } from '../../../shared/backup/logical/manifest.ts';
import { begunAt, recoveryPointId } from '../../../shared/backup/logical/recovery-point-id.ts';
import type { BackupMethod } from '../../../shared/backup/method.ts';
import type { BackupPlace, RecoveryPointPlace } from '../../../shared/backup/place.ts';
import { deletableOf } from '../../../shared/backup/retention.ts';
import { StoredBackupUnproven } from '../../../shared/backup/stored-backup-unproven.ts';
import { manifest } from './logical/manifest-fixture.ts';

export interface MemoryBackup extends BackupMethod<LogicalRecoveryPoint> {
  readonly damaged: Set<string>;
}

/** A backup method that keeps its recovery points in memory and, unlike the vault, deletes what it prunes. */
export function memoryBackup({
  now = () => new Date(),
  retentionMs = 86_400_000,
}: {
  now?: () => Date;
  retentionMs?: number;
} = {}): MemoryBackup {
  const points = new Map<string, LogicalRecoveryPoint>();
  const damaged = new Set<string>();
  const keyOf = ({ database, backup, id }: RecoveryPointPlace) => `${database}/${backup}/${id}`;
  const ofBackup = ({ database, backup }: BackupPlace) =>
    [...points.values()]
      .filter((point) => point.database === database && point.backup === backup)
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  const find = (place: RecoveryPointPlace): LogicalRecoveryPoint => {
    const point = points.get(keyOf(place));
    if (!point) throw new ManifestDamaged(`there is no recovery point "${keyOf(place)}"`);
    return point;
  };
  return {
    method: 'logical',
    damaged,
    async take({ database, backup, runId, runStartedAt, label = null, signal }) {
      const earlier = ofBackup({ database, backup }).find((point) => point.manifest.runId === runId);
      if (earlier) return earlier;
      signal.throwIfAborted();
      const takenAt = now();
      const point = logicalRecoveryPoint({
        ...manifest,
        recoveryPoint: recoveryPointId(runStartedAt, runId, 'a1b2c3d4'),
        database,
        backup,
        runId,
        label,
        snapshotAt: takenAt.toISOString(),
        lockedUntil: new Date(takenAt.getTime() + retentionMs).toISOString(),
      });
      points.set(keyOf(point), point);
      return point;
    },
    async prove(place) {
      const point = find(place);
      if (damaged.has(point.id)) throw new StoredBackupUnproven('1 of 1 objects are not as they must be');
      return {
        objects: 1,
        keptUntil: point.manifest.lockedUntil,
        lockedUntil: point.manifest.lockedUntil,
        summary: 'one object',
      };
    },
    list: async (of) => ofBackup(of).map(({ id }) => ({ id, begunAt: begunAt(id) ?? now() })),
    hidden: async () => [],
    find: async (place) => find(place),
    async prune(of, options) {
      const kept = ofBackup(of).map(({ id, manifest }) => ({
        id,
        keptUntil: new Date(manifest.lockedUntil),
      }));
      const deletable = deletableOf(kept, options);
      for (const id of deletable) points.delete(keyOf({ ...of, id }));
      return { deletable, deleted: deletable };
    },
  };
}
